CREATE TABLE IF NOT EXISTS chat_events
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel; * is the whole group',
    event_id String COMMENT 'Id of the record',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    thread_id String COMMENT 'The thread',
    kind LowCardinality(String) COMMENT 'thread_opened, member_joined, message_sent, message_read or thread_closed',
    actor_id String COMMENT 'Who',
    actor_role LowCardinality(String) COMMENT 'In which role',
    device_id String COMMENT 'From which device',
    sequence UInt64 COMMENT 'Number of the event on that device',
    claimed_at DateTime64(3, 'UTC') COMMENT 'The device\'s own clock',
    text_length UInt32 COMMENT 'Characters of a message',
    message_id String COMMENT 'The message read up to',
    user_id String COMMENT 'Who joined',
    thread_kind LowCardinality(String) COMMENT 'guest_department or staff',
    department LowCardinality(String) COMMENT 'Department of a new thread',
    guest_id String COMMENT 'Guest of a new thread'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, thread_id, logged_at, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a chat event: times and lengths, never a text (topic chats)';

CREATE TABLE IF NOT EXISTS deliveries
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel; * is the whole group',
    event_id String COMMENT 'Id of the record',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    notification_id String COMMENT 'The notification',
    user_id String COMMENT 'Who',
    subscription_id String COMMENT 'Which browser',
    state LowCardinality(String) COMMENT 'accepted, delivered, shown, failed or pruned',
    status Int32 COMMENT 'HTTP status of the push service, 0 where none',
    detail String COMMENT 'What it said',
    at DateTime64(3, 'UTC') COMMENT 'When'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, notification_id, at, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a step of a push (topic deliveries)';

CREATE TABLE IF NOT EXISTS system_alerts
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel; * is the whole group',
    event_id String COMMENT 'Id of the record',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    kind LowCardinality(String) COMMENT 'part_died, lag, dead_letters, push_refused or stalled',
    part LowCardinality(String) COMMENT 'Which part',
    sentence String COMMENT 'What a person would say',
    value Float64 COMMENT 'The figure behind it',
    at DateTime64(3, 'UTC') COMMENT 'When'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, at, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a word of a watchdog (topic system)';

CREATE TABLE IF NOT EXISTS dead_letters
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel; * is the whole group',
    event_id String COMMENT 'Id of the record',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    topic LowCardinality(String) COMMENT 'Where it lay',
    topic_partition UInt32 COMMENT 'In which partition',
    topic_offset Int64 COMMENT 'At which offset',
    key String COMMENT 'Its key, raw bytes',
    value String COMMENT 'Its raw bytes',
    reason String COMMENT 'Why it is here',
    found_by LowCardinality(String) COMMENT 'Who found it',
    at DateTime64(3, 'UTC') COMMENT 'When'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (topic, topic_partition, topic_offset, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a record that could not be read or is invalid (topic dead_letters)';

CREATE TABLE IF NOT EXISTS decisions
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel; * is the whole group',
    event_id String COMMENT 'Id of the record',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    topic LowCardinality(String) COMMENT 'Fact topic of the agent',
    causation_id String COMMENT 'Id of the command, intake batch or fact it answers',
    actor_id String COMMENT 'Who wanted it',
    actor_role LowCardinality(String) COMMENT 'In which role',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When it was decided',
    verdict LowCardinality(String) COMMENT 'accepted or refused',
    code LowCardinality(String) COMMENT 'Why refused, in one word',
    rule LowCardinality(String) COMMENT 'Rule and version',
    sentence String COMMENT 'The reason, as a person would say it',
    candidate_ids Array(String) COMMENT 'Who was considered',
    candidate_scores Array(Float64) COMMENT 'Their scores, lowest wins',
    candidate_eligible Array(Bool) COMMENT 'Whether they could be chosen',
    candidate_reasons Array(String) COMMENT 'Why not, or why so',
    context Map(String, Int64) COMMENT 'Offsets of what the decision saw beside its own state',
    cause_topic LowCardinality(String) COMMENT 'Topic of the input',
    cause_partition UInt16 COMMENT 'Its partition',
    cause_offset UInt64 COMMENT 'Its offset',
    facts UInt32 COMMENT 'How many facts became true'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, topic, recorded_at, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a decision of an agent, refusals included (every answer of rooms, services, staff, alerts, notifications)';
