"""Thin Faust loops around the rules."""
