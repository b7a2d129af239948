"""Dead letters once they are there: read, told apart, replayed, dropped."""
