"""What a person must mend: one clear sentence, no stack trace, exit code 1."""

from __future__ import annotations


class Problem(Exception):
    """Its text says what is wrong, where, and what to do. The `concierge` command prints it and exits 1."""
