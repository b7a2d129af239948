"""Numbered SQL that makes the warehouse's tables: forward only, each applied once, none changed."""
