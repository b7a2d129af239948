"""The auditor: canary clients that compare what they see with the log, for as long as the house runs."""
