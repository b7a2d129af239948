-- Watchdogs say when what they said is over; earlier words stand until they are a day old.
ALTER TABLE system_alerts ADD COLUMN IF NOT EXISTS
    over Bool DEFAULT false COMMENT 'Whether what was said before of this kind and part has ended';

CREATE OR REPLACE VIEW v_system_alerts
(
    property_id String COMMENT 'The hotel',
    at DateTime64(3, 'UTC') COMMENT 'When',
    kind String COMMENT 'part_died, lag, dead_letters, push_refused or stalled',
    part String COMMENT 'Which part',
    sentence String COMMENT 'What a person would say',
    value Float64 COMMENT 'The figure behind it',
    over Bool COMMENT 'Whether what was said before of this kind and part has ended',
    event_id String COMMENT 'Id'
)
AS SELECT property_id, at, kind, part, sentence, value, over, event_id
FROM (
    SELECT property_id, at, kind, part, sentence, value, over, event_id FROM system_alerts FINAL ORDER BY at LIMIT 1 BY event_id
)
COMMENT 'Every word of a watchdog';
