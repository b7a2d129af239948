"""The folders' values once more, in plain Python from what their records mean, whatever the agents do."""
