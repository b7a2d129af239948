"""A real warehouse for the session."""
