CREATE TABLE IF NOT EXISTS room_status_changes
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
    room_id String COMMENT 'The room',
    dimension LowCardinality(String) COMMENT 'front_office, housekeeping, block, guest_service or discrepancy',
    value LowCardinality(String) COMMENT 'Its new value',
    reason String COMMENT 'Why, for a block',
    until Nullable(DateTime64(3, 'UTC')) COMMENT 'Until when, for a block'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, room_id, occurred_at, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a change of one dimension of a room, discrepancies included (facts of topic rooms)';

CREATE TABLE IF NOT EXISTS reservation_facts
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
    reservation_id String COMMENT 'The reservation',
    arrival Nullable(Date32) COMMENT 'Day of arrival, of a reservation made',
    departure Nullable(Date32) COMMENT 'Day of departure; equal to arrival: day use',
    booked_on Nullable(Date32) COMMENT 'Day it was booked',
    room_type LowCardinality(String) COMMENT 'Room type booked',
    room_id String COMMENT 'The room, empty where not said',
    guest_id String COMMENT 'The guest, empty where not said',
    rate Decimal(18, 4) COMMENT 'Price of one night',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of the rate',
    adults UInt16 COMMENT 'Adults',
    children UInt16 COMMENT 'Children',
    babies UInt16 COMMENT 'Babies',
    segment LowCardinality(String) COMMENT 'Market segment',
    channel LowCardinality(String) COMMENT 'Distribution channel',
    country LowCardinality(String) COMMENT 'Country of origin, as the source says it',
    complimentary Bool COMMENT 'Occupied but not sold'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, reservation_id, occurred_at, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a fact of a reservation: made, cancelled, no-show, room assigned (facts of topic rooms)';

CREATE TABLE IF NOT EXISTS stay_facts
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
    reservation_id String COMMENT 'The reservation',
    room_id String COMMENT 'The room, empty where the source does not say it',
    guest_id String COMMENT 'The guest, empty where not said'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, reservation_id, occurred_at, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a check-in or check-out (facts of topic rooms)';

CREATE TABLE IF NOT EXISTS charges
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
    charge_id String COMMENT 'The charge',
    reservation_id String COMMENT 'The reservation',
    business_date Date32 COMMENT 'Business date it counts for',
    charge_kind LowCardinality(String) COMMENT 'room, food, minibar, spa or other',
    amount Decimal(18, 4) COMMENT 'Amount; negative corrects',
    currency LowCardinality(String) COMMENT 'ISO 4217 code',
    text String COMMENT 'What the bill says'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, business_date, reservation_id, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a charge on a folio (facts of topic rooms)';

CREATE TABLE IF NOT EXISTS night_audits
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
    closed Date32 COMMENT 'Business date that was closed',
    opened Date32 COMMENT 'Business date from then on'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, closed, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a night audit (facts of topic rooms)';
