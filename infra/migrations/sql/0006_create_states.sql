CREATE TABLE IF NOT EXISTS occupancy_snapshots
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    vector Map(String, Int64) COMMENT 'First offset not yet folded, per fact topic',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    business_date Nullable(Date32) COMMENT 'Business date, empty before the first night audit',
    rooms Int32 COMMENT 'Rooms of the house',
    occupied Int32 COMMENT 'Rooms occupied',
    out_of_order Int32 COMMENT 'Rooms out of order',
    out_of_service Int32 COMMENT 'Rooms out of service',
    dirty Int32 COMMENT 'Rooms dirty',
    ready Int32 COMMENT 'Rooms vacant and ready',
    guests Int32 COMMENT 'Guests in house',
    arrivals_expected Int32 COMMENT 'Arrivals expected on the business date',
    arrivals_done Int32 COMMENT 'of which done',
    departures_expected Int32 COMMENT 'Departures expected',
    departures_done Int32 COMMENT 'of which done'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'The house at a moment, absolute values (topic occupancy.state)';

CREATE TABLE IF NOT EXISTS service_load_snapshots
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    vector Map(String, Int64) COMMENT 'First offset not yet folded, per fact topic',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    department LowCardinality(String) COMMENT 'Department',
    open Int32 COMMENT 'Requests open',
    assigned Int32 COMMENT 'assigned',
    accepted Int32 COMMENT 'accepted',
    started Int32 COMMENT 'started',
    completed Int32 COMMENT 'completed since the log began',
    breached_open Int32 COMMENT 'Not done, and a promise broken',
    oldest_open_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the oldest open one was made',
    credits_open Float64 COMMENT 'Work not done'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, department, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'The queue of a department at a moment (topic service_load.state)';

CREATE TABLE IF NOT EXISTS performance_snapshots
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    vector Map(String, Int64) COMMENT 'First offset not yet folded, per fact topic',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    staff_id String COMMENT 'The member of staff',
    department LowCardinality(String) COMMENT 'Department',
    on_shift Bool COMMENT 'On duty',
    on_break Bool COMMENT 'On a break',
    assigned Int64 COMMENT 'Requests assigned',
    accepted Int64 COMMENT 'accepted',
    completed Int64 COMMENT 'completed',
    released Int64 COMMENT 'given back',
    response_ms Int64 COMMENT 'Sum of milliseconds from created to accepted',
    resolution_ms Int64 COMMENT 'Sum of milliseconds from created to completed',
    resolved_on_time Int64 COMMENT 'Completed within the promise',
    credits_done Float64 COMMENT 'Work done',
    ratings Int64 COMMENT 'Ratings',
    rating_sum Int64 COMMENT 'Their sum'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, staff_id, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One member of staff since the log began (topic performance.state)';

CREATE TABLE IF NOT EXISTS revenue_snapshots
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    vector Map(String, Int64) COMMENT 'First offset not yet folded, per fact topic',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    business_date Date32 COMMENT 'Business date',
    currency LowCardinality(String) COMMENT 'ISO 4217 code',
    room_revenue Decimal(18, 4) COMMENT 'Room charges',
    other_revenue Decimal(18, 4) COMMENT 'All other charges',
    room_nights Int64 COMMENT 'Rooms occupied overnight',
    complimentary_nights Int64 COMMENT 'of which complimentary',
    charges Int64 COMMENT 'Charges'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, business_date, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Revenue of one business date (topic revenue.state)';

CREATE TABLE IF NOT EXISTS property_settings
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    removed Bool COMMENT 'Taken off the list',
    name String COMMENT 'Name',
    time_zone LowCardinality(String) COMMENT 'IANA time zone',
    currency LowCardinality(String) COMMENT 'ISO 4217 code',
    departments Array(String) COMMENT 'Departments',
    capacity Int32 COMMENT 'Rooms of the inventory'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a change of a hotel (topic settings)';

CREATE TABLE IF NOT EXISTS room_settings
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    removed Bool COMMENT 'Taken out of the inventory',
    room_id String COMMENT 'The room',
    room_type LowCardinality(String) COMMENT 'Room type',
    floor Int32 COMMENT 'Floor',
    zone_id LowCardinality(String) COMMENT 'Zone'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, room_id, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a change of a room of the inventory (topic settings)';
