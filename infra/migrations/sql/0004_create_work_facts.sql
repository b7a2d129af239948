CREATE TABLE IF NOT EXISTS service_facts
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    _fact UInt16 COMMENT 'Place of the fact in its answer, from 0',
    property_id LowCardinality(String) COMMENT 'The hotel',
    fact_id String COMMENT 'Id of the fact',
    event_id String COMMENT 'Id of the answer that holds the fact',
    causation_id String COMMENT 'Id of the command, intake batch or fact it answers',
    actor_id String COMMENT 'Who wanted it',
    actor_role LowCardinality(String) COMMENT 'In which role',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    source_system LowCardinality(String) COMMENT 'Who says so: concierge, or a property system',
    source_event_id String COMMENT 'Id of it in that system, empty for our own',
    kind LowCardinality(String) COMMENT 'Which fact it is, as its field is called on the log',
    request_id String COMMENT 'The request',
    room_id String COMMENT 'Where, of a request made',
    guest_id String COMMENT 'For whom, empty where not said',
    item LowCardinality(String) COMMENT 'What of the catalogue',
    department LowCardinality(String) COMMENT 'Who does such things',
    priority UInt8 COMMENT '1 (most urgent) to 4; 0 where not said',
    credits Float64 COMMENT 'Work in it',
    accept_by Nullable(DateTime64(3, 'UTC')) COMMENT 'Promise: accepted by',
    resolve_by Nullable(DateTime64(3, 'UTC')) COMMENT 'Promise: completed by',
    staff_id String COMMENT 'The member of staff, empty where nobody',
    promise LowCardinality(String) COMMENT 'Which promise was broken: accept or resolve',
    due_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the broken promise was due',
    score UInt8 COMMENT 'Rating 1 to 5; 0 where not rated'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, request_id, occurred_at, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a fact of a service request (facts of topic services); notes are left out';

CREATE TABLE IF NOT EXISTS shift_facts
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    _fact UInt16 COMMENT 'Place of the fact in its answer, from 0',
    property_id LowCardinality(String) COMMENT 'The hotel',
    fact_id String COMMENT 'Id of the fact',
    event_id String COMMENT 'Id of the answer that holds the fact',
    causation_id String COMMENT 'Id of the command, intake batch or fact it answers',
    actor_id String COMMENT 'Who wanted it',
    actor_role LowCardinality(String) COMMENT 'In which role',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    source_system LowCardinality(String) COMMENT 'Who says so: concierge, or a property system',
    source_event_id String COMMENT 'Id of it in that system, empty for our own',
    kind LowCardinality(String) COMMENT 'Which fact it is, as its field is called on the log',
    shift_id String COMMENT 'The shift',
    staff_id String COMMENT 'The member of staff',
    department LowCardinality(String) COMMENT 'Department',
    starts_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Planned start',
    ends_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Planned end',
    zones Array(String) COMMENT 'Zones; empty: everywhere'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, staff_id, occurred_at, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a fact of a shift: planned, started, ended, breaks (facts of topic staff)';

CREATE TABLE IF NOT EXISTS alert_facts
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    _fact UInt16 COMMENT 'Place of the fact in its answer, from 0',
    property_id LowCardinality(String) COMMENT 'The hotel',
    fact_id String COMMENT 'Id of the fact',
    event_id String COMMENT 'Id of the answer that holds the fact',
    causation_id String COMMENT 'Id of the command, intake batch or fact it answers',
    actor_id String COMMENT 'Who wanted it',
    actor_role LowCardinality(String) COMMENT 'In which role',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    source_system LowCardinality(String) COMMENT 'Who says so: concierge, or a property system',
    source_event_id String COMMENT 'Id of it in that system, empty for our own',
    kind LowCardinality(String) COMMENT 'Which fact it is, as its field is called on the log',
    alert_id String COMMENT 'The emergency or announcement',
    emergency_kind LowCardinality(String) COMMENT 'medical, fire, security, panic, technical or other',
    room_id String COMMENT 'The room, empty where not said',
    location String COMMENT 'Where exactly',
    drill Bool COMMENT 'An exercise',
    realert_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it rings again',
    times UInt32 COMMENT 'How often it rang again',
    staff_id String COMMENT 'Who acknowledged or resolved',
    audience LowCardinality(String) COMMENT 'Of an announcement: house or staff',
    title String COMMENT 'Of an announcement: its title',
    body String COMMENT 'Of an announcement: its text',
    until Nullable(DateTime64(3, 'UTC')) COMMENT 'Of an announcement: shown until'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, alert_id, occurred_at, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a fact of an emergency or announcement (facts of topic alerts); notes are left out';

CREATE TABLE IF NOT EXISTS notification_facts
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    _fact UInt16 COMMENT 'Place of the fact in its answer, from 0',
    property_id LowCardinality(String) COMMENT 'The hotel',
    fact_id String COMMENT 'Id of the fact',
    event_id String COMMENT 'Id of the answer that holds the fact',
    causation_id String COMMENT 'Id of the command, intake batch or fact it answers',
    actor_id String COMMENT 'Who wanted it',
    actor_role LowCardinality(String) COMMENT 'In which role',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    source_system LowCardinality(String) COMMENT 'Who says so: concierge, or a property system',
    source_event_id String COMMENT 'Id of it in that system, empty for our own',
    kind LowCardinality(String) COMMENT 'Which fact it is, as its field is called on the log',
    notification_id String COMMENT 'The notification',
    user_id String COMMENT 'Who is told',
    category LowCardinality(String) COMMENT 'assignment, request, announcement or emergency',
    channels Array(LowCardinality(String)) COMMENT 'bell, push',
    expires_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Forgotten at'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, user_id, notification_id, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a fact of a notification (facts of topic notifications); texts are left out';
