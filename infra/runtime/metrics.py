"""Every metric of the product, in one place. Units are in the names; labels have few, known values.

Processes serve them at /metrics (`probe.py`; the gateway on its own port).
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

# 0.5 ms to 10 s: a produce takes 1 ms on one machine, a recovery seconds.
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_COUNTS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000)

# --- readers of the log: agents, folders, sink, push, gateways' tails

# Records of a topic that a reader has not handled yet: for the sink, that its tables do not hold; for push,
# that are not pushed to their end. Grows: slower than its writers, or stuck.
LAG_RECORDS = Gauge("concierge_lag_records", "Records not handled yet.", ["reader", "topic"])
# Seconds since the reader last made its progress durable. Agents and folders, whose progress is their answers
# and values, say for how long they have had work and made none; gateways, which keep nothing, since when they
# have not looked at the log, or Kafka has not answered them. Old with lag above 0: stalled.
COMMIT_AGE_SECONDS = Gauge(
    "concierge_commit_age_seconds", "Seconds since progress was last kept.", ["reader"]
)
# How many records one turn of a reader took: drained batches grow under load, that is how throughput rises.
BATCH_RECORDS = Histogram("concierge_batch_records", "Records a turn.", ["reader"], buckets=_COUNTS)
# What could not be decoded or is invalid and was kept as a dead letter.
DEAD_LETTERS = Counter("concierge_dead_letters_total", "Dead letters written.", ["reader"])

# --- agents

# Answers written, by outcome: `facts`, `refused`.
RESTATING_FACTS = Counter(
    "concierge_restating_facts_total",
    "Facts that came more than a day late and change a business date that was closed.",
    ["reader"],
)
ANSWERS = Counter("concierge_answers_total", "Answers written.", ["agent", "outcome"])
# Broker time of the command -> its answer acked by Kafka.
ANSWER_SECONDS = Histogram("concierge_answer_seconds", "Command to answer.", ["agent"], buckets=_SECONDS)
# How long the last recovery (state and fold of the log) took.
RECOVERY_SECONDS = Gauge("concierge_recovery_seconds", "Length of the last recovery.", ["agent"])

# --- sink

# Rows written to a table of the warehouse.
ROWS = Counter("concierge_rows_total", "Rows inserted.", ["table"])
# One INSERT, retries included.
INSERT_SECONDS = Histogram("concierge_insert_seconds", "One insert.", ["table"], buckets=_SECONDS)

# --- warehouse

# Queries by user and outcome: `ok`, `error`, `cancelled`.
QUERIES = Counter("concierge_queries_total", "Queries answered.", ["user", "outcome"])
QUERY_SECONDS = Histogram("concierge_query_seconds", "One query.", ["user"], buckets=_SECONDS)
QUERIES_RUNNING = Gauge("concierge_queries_running", "Queries running now.")

# --- gateway

# Open connections, by transport: `websocket`, `sse`, `poll`, `socketio` (whichever of its two).
CONNECTIONS = Gauge("concierge_connections", "Open connections.", ["transport"])
# Turned away before anybody knew who they are: `knocks` (429), `waiting` (503), `failures` (429).
STRANGERS_REFUSED = Counter(
    "concierge_strangers_refused_total", "Turned away before they were known.", ["why"]
)
# Events handed to connections.
EVENTS_DELIVERED = Counter("concierge_events_delivered_total", "Events handed to connections.", ["type"])
# Broker time of a record -> bytes given to the socket's transport.
EVENT_TO_CLIENT_SECONDS = Histogram(
    "concierge_event_to_client_seconds", "Record on the log to socket.", buckets=_SECONDS
)
# Commands received, by agent (or `chat`, `other`), outcome (`acked`, `refused`, `unknown`: it may be on the
# log) and way.
COMMANDS = Counter(
    "concierge_commands_total",
    "Commands received, by `socket`, `socketio` or `rest`.",
    ["command", "outcome", "way"],
)
# Command received -> Kafka has it and, of chats, the own tail saw it. An agent's answer comes after that.
ACK_SECONDS = Histogram("concierge_ack_seconds", "Command to ack.", ["way"], buckets=_SECONDS)
# REST calls, by route (the pattern, not the path) and status.
HTTP_SECONDS = Histogram("concierge_http_seconds", "REST calls.", ["route", "status"], buckets=_SECONDS)

# --- push

# Web push by outcome: `accepted`, `retried`, `failed`, `pruned`.
PUSHES = Counter("concierge_pushes_total", "Web push attempts.", ["outcome"])

# --- auditor

# Events that canaries heard, by type, and those that they did not hear as the log says them, by fault:
# `lost`, `doubled`, `reordered`, `foreign` (not on the log). Any of these is a fault of the product.
AUDIT_EVENTS = Counter("concierge_audit_events_total", "Events that canaries heard.", ["type"])
AUDIT_FAULTS = Counter(
    "concierge_audit_faults_total", "Events that canaries did not hear as the log says them.", ["fault"]
)
# What could not be judged: `reset` (a channel began anew with a snapshot), `unjudged` (too much at once).
AUDIT_BLIND = Counter("concierge_audit_blind_total", "What the auditor could not judge.", ["why"])
# A loss that was none: it came after all.
AUDIT_LATE = Counter("concierge_audit_late_total", "Events taken for lost that came.")
# Broker time of a record -> its event in a canary's hands.
AUDIT_SECONDS = Histogram(
    "concierge_audit_seconds", "Record on the log to a canary.", ["type"], buckets=_SECONDS
)
# 1: the canary is connected, and hears what is true now.
AUDIT_UP = Gauge("concierge_audit_up", "1 if the canary is connected and current.", ["client"])

# --- dashboard

# A query of the page as its viewers wait for it, by outcome: `ok`, `error`.
DASHBOARD_QUERY_SECONDS = Histogram(
    "concierge_dashboard_query_seconds", "One query of the dashboard.", ["outcome"], buckets=_SECONDS
)

# --- supervisor

# 1: the part runs and is ready.
PART_READY = Gauge("concierge_part_ready", "1 if the part is ready.", ["part"])
PART_RESTARTS = Gauge("concierge_part_restarts", "Restarts of a part that died or hung.", ["part"])
# How long the last check of its readiness took: of the embedded Kafka, which has no page, one request.
PART_ANSWER_SECONDS = Gauge(
    "concierge_part_answer_seconds", "How long the part took for its last check.", ["part"]
)

# --- simulator

# Steps of simulated people, by command; the gateway counts what became of them.
SIMULATED_STEPS = Counter("concierge_simulated_steps_total", "Steps of simulated people.", ["command"])
# Above 0 for long: the hotels' speed is more than this machine or the gateway takes.
SIMULATED_LATE_SECONDS = Gauge("concierge_simulated_late_seconds", "How late the last step was.")


def lag(reader: str, behind: Iterable[tuple[str, int]]) -> None:
    """A reader's lag by topic, from the topic and the records that it is behind in each of its partitions."""
    found: Tally[str] = Tally()
    for topic, records in behind:
        found[topic] += max(0, records)
    for topic, records in found.items():
        LAG_RECORDS.labels(reader, topic).set(records)
