-- One row a topic partition: the sink writes it last, so a table is complete up to it.
CREATE TABLE IF NOT EXISTS progress
(
    topic LowCardinality(String) COMMENT 'Topic of the log',
    _partition UInt16 COMMENT 'Partition of the topic',
    next_offset UInt64 COMMENT 'First offset that is not yet in the tables; all below it are',
    logged_at DateTime64(3, 'UTC') COMMENT 'Time of the last record below next_offset; 1970 where there is none',
    complete_until DateTime64(3, 'UTC') COMMENT 'All that the log held at this time is in the tables'
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (topic, _partition)
COMMENT 'Up to which offset and time the tables are complete, per topic partition';
