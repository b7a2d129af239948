"""A believable hotel: the same seed makes the same day, spoken through the public API."""
