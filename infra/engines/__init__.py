"""The engines this machine runs itself when no address of a real one is set."""
