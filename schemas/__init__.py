"""What is said: ids, records, topics, channels, the codec; no I/O."""
