-- What `concierge rebuild` asks of the sinks, and how far they are.
CREATE TABLE IF NOT EXISTS rebuilds
(
    id String COMMENT 'Id of the request; later ones sort behind earlier ones',
    _partition UInt16 COMMENT 'Partition whose rows are made anew',
    version UInt64 COMMENT 'Counts up with each word about it; the highest holds',
    state LowCardinality(String) COMMENT 'asked, running, done or failed',
    tables Array(String) COMMENT 'Tables that are made anew',
    records UInt64 COMMENT 'Records of the log read so far',
    of UInt64 COMMENT 'Records there were to read when it began',
    rows UInt64 COMMENT 'Rows of the new tables, once they are swapped in',
    left_out UInt64 COMMENT 'Records that make no rows: they are dead letters, or an answer that does not count',
    note String COMMENT 'Why it failed',
    at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this was said'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (id, _partition)
COMMENT 'Requests to make tables anew from the log, per partition';
