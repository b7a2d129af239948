"""Who is told: sockets, REST, auth, the hub and the web client."""
