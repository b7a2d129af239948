"""Starts the parts of one machine in order, watches them, and stops them in reverse."""
