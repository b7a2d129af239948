"""Measurements: one file per bench, each beside the bare engine in the same run."""
