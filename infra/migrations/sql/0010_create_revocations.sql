-- What the dashboard needs to shut out whom the gateways shut out.
CREATE TABLE IF NOT EXISTS revocations
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    property_id LowCardinality(String) COMMENT 'The hotel; * is the whole group',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    kind LowCardinality(String) COMMENT 'token, user or property',
    id String COMMENT 'Id of the token, the user or the hotel',
    before DateTime64(3, 'UTC') COMMENT 'No token of it issued before is good any more'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, kind, id, _partition, _offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a revocation (topic settings)';

CREATE OR REPLACE VIEW v_revocations
(
    property_id String COMMENT 'The hotel; * is the whole group',
    kind String COMMENT 'token, user or property',
    id String COMMENT 'Id of the token, the user or the hotel',
    before DateTime64(3, 'UTC') COMMENT 'No token of it issued before is good any more'
)
AS SELECT property_id, kind, id, before
FROM (
    SELECT property_id, kind, id, max(r.before) AS before FROM revocations AS r GROUP BY property_id, kind, id
)
COMMENT 'Who is shut out, by the latest word';

-- The sink reads the topic from its beginning again; what its tables have already, their marks leave out.
ALTER TABLE progress DELETE WHERE topic = 'settings' SETTINGS mutations_sync = 1;
