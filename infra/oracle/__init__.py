"""The truth of the log, folded anew, to hold the tables and the answers against."""
