-- What became of a dead letter is said by another record of its id.
ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS
    outcome LowCardinality(String) COMMENT 'What became of it: replayed or dropped; empty: it was found';

CREATE OR REPLACE VIEW v_dead_letters
(
    property_id String COMMENT 'The hotel',
    at DateTime64(3, 'UTC') COMMENT 'When it was found first',
    topic String COMMENT 'Where it lay',
    topic_partition Int64 COMMENT 'In which partition',
    topic_offset Int64 COMMENT 'At which offset',
    reason String COMMENT 'Why, as it was found last',
    found_by String COMMENT 'Who found it',
    bytes Int64 COMMENT 'Its size',
    outcome String COMMENT 'What became of it: replayed or dropped; empty: it is open',
    event_id String COMMENT 'Id'
)
AS SELECT
    any(property_id) AS property_id,
    min(d.at) AS at,
    any(topic) AS topic,
    any(topic_partition) AS topic_partition,
    any(topic_offset) AS topic_offset,
    argMax(reason, _offset) AS reason,
    any(found_by) AS found_by,
    max(length(value)) AS bytes,
    argMax(d.outcome, _offset) AS outcome,
    event_id
FROM (SELECT * FROM dead_letters FINAL) AS d
GROUP BY event_id
COMMENT 'What could not be read or is invalid, once a finder, and what became of it';
