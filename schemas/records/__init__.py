"""Every record of every topic, one module a topic family."""
