"""Where it runs: runtime for every room, and the `concierge` command, engines and supervisor for nobody."""
