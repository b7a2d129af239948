CREATE OR REPLACE VIEW v_service_requests
(
    property_id String COMMENT 'The hotel',
    request_id String COMMENT 'The request',
    status String COMMENT 'open, assigned, accepted, started, completed or cancelled',
    room_id String COMMENT 'Where',
    guest_id String COMMENT 'For whom',
    item String COMMENT 'What',
    department String COMMENT 'Department',
    priority Int64 COMMENT '1 (most urgent) to 4',
    credits Float64 COMMENT 'Work in it',
    staff_id String COMMENT 'Who has it',
    created_at DateTime64(3, 'UTC') COMMENT 'Made',
    accept_by Nullable(DateTime64(3, 'UTC')) COMMENT 'Promise: accepted by',
    resolve_by Nullable(DateTime64(3, 'UTC')) COMMENT 'Promise: completed by',
    assigned_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last assigned',
    accepted_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First accepted',
    started_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last started',
    completed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last completed',
    cancelled_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Cancelled',
    breached_accept Bool COMMENT 'Not accepted in time',
    breached_resolve Bool COMMENT 'Not completed in time',
    reopened Int64 COMMENT 'How often it was opened again',
    score Int64 COMMENT 'Rating 1 to 5; 0 where none'
)
AS SELECT property_id, request_id, status, room_id, guest_id, item, department, priority, credits, staff_id, created_at, accept_by, resolve_by, assigned_at, accepted_at, started_at, completed_at, cancelled_at, breached_accept, breached_resolve, reopened, score
FROM (
    SELECT property_id, request_id, tupleElement(s, 1) AS status, tupleElement(r, 1) AS room_id, tupleElement(r, 2) AS guest_id, tupleElement(r, 3) AS item, tupleElement(r, 4) AS department, toInt64(tupleElement(r, 5)) AS priority, tupleElement(r, 6) AS credits, tupleElement(s, 2) AS staff_id,
        tupleElement(r, 9) AS created_at, tupleElement(r, 7) AS accept_by, tupleElement(r, 8) AS resolve_by,
        if(countIf(kind = 'assigned') > 0, maxIf(occurred_at, kind = 'assigned'), NULL) AS assigned_at, if(countIf(kind = 'accepted') > 0, minIf(occurred_at, kind = 'accepted'), NULL) AS accepted_at,
        if(countIf(kind = 'started') > 0, maxIf(occurred_at, kind = 'started'), NULL) AS started_at, if(countIf(kind = 'completed') > 0, maxIf(occurred_at, kind = 'completed'), NULL) AS completed_at,
        if(countIf(kind = 'cancelled') > 0, maxIf(occurred_at, kind = 'cancelled'), NULL) AS cancelled_at,
        countIf(kind = 'breached' AND promise = 'accept') > 0 AS breached_accept, countIf(kind = 'breached' AND promise = 'resolve') > 0 AS breached_resolve,
        uniqExactIf(fact_id, kind = 'reopened') AS reopened, toInt64(argMaxIf(score, (_offset, _fact), kind = 'rated')) AS score
    FROM (SELECT *, argMaxIf(tuple(multiIf(kind IN ('requested', 'released', 'reopened'), 'open', toString(kind)), if(kind IN ('requested', 'released', 'reopened'), '', staff_id)),
            (_offset, _fact), kind NOT IN ('rated', 'breached')) OVER (PARTITION BY property_id, request_id) AS s,
            argMaxIf(tuple(room_id, guest_id, item, department, priority, credits, accept_by, resolve_by, occurred_at), (_offset, _fact), kind = 'requested')
            OVER (PARTITION BY property_id, request_id) AS r FROM service_facts)
    GROUP BY property_id, request_id, s, r
)
COMMENT 'Every service request with its steps';

CREATE OR REPLACE VIEW v_service_queue
(
    property_id String COMMENT 'The hotel',
    request_id String COMMENT 'The request',
    status String COMMENT 'open, assigned, accepted or started',
    room_id String COMMENT 'Where',
    item String COMMENT 'What',
    department String COMMENT 'Department',
    priority Int64 COMMENT '1 (most urgent) to 4',
    staff_id String COMMENT 'Who has it',
    created_at DateTime64(3, 'UTC') COMMENT 'Made',
    resolve_by Nullable(DateTime64(3, 'UTC')) COMMENT 'Promise: completed by',
    age_minutes Float64 COMMENT 'Minutes since it was made',
    minutes_to_breach Nullable(Float64) COMMENT 'Minutes until the next promise is broken; negative: since',
    breached Bool COMMENT 'A promise is broken',
    age_bucket String COMMENT '0-5, 5-15, 15-30, 30-60 or 60+ minutes'
)
AS SELECT property_id, request_id, status, room_id, item, department, priority, staff_id, created_at, resolve_by, age_minutes, minutes_to_breach, breached, age_bucket
FROM (
    SELECT property_id, request_id, status, room_id, item, department, priority, staff_id, created_at, resolve_by,
        dateDiff('millisecond', created_at, now64(3, 'UTC')) / 60000 AS age_minutes,
        dateDiff('millisecond', now64(3, 'UTC'), if(status IN ('open', 'assigned'), accept_by, resolve_by)) / 60000 AS minutes_to_breach,
        breached_accept OR breached_resolve OR ifNull(minutes_to_breach < 0, false) AS breached,
        multiIf(age_minutes < 5, '0-5', age_minutes < 15, '5-15', age_minutes < 30, '15-30', age_minutes < 60, '30-60', '60+') AS age_bucket
    FROM v_service_requests WHERE status NOT IN ('completed', 'cancelled') ORDER BY minutes_to_breach
)
COMMENT 'Service requests not done, oldest promise first; ages as of the moment of the query';

CREATE OR REPLACE VIEW v_service_kpis
(
    property_id String COMMENT 'The hotel',
    department String COMMENT 'Department',
    day Date32 COMMENT 'Day',
    requests Int64 COMMENT 'Requests made',
    completed Int64 COMMENT 'of which completed',
    cancelled Int64 COMMENT 'of which cancelled',
    response_p50_minutes Nullable(Float64) COMMENT 'Median minutes from made to accepted',
    response_p90_minutes Nullable(Float64) COMMENT '90 % of them',
    resolution_p50_minutes Nullable(Float64) COMMENT 'Median minutes from made to completed',
    resolution_p90_minutes Nullable(Float64) COMMENT '90 % of them',
    on_time Int64 COMMENT 'Completed within the promise',
    sla_percent Nullable(Float64) COMMENT 'On time of completed and of open already broken',
    reopened Int64 COMMENT 'Opened again',
    ratings Int64 COMMENT 'Ratings',
    csat_percent Nullable(Float64) COMMENT 'Ratings of 4 or 5 of all ratings'
)
AS SELECT property_id, department, day, requests, completed, cancelled, response_p50_minutes, response_p90_minutes, resolution_p50_minutes, resolution_p90_minutes, on_time, sla_percent, reopened, ratings, csat_percent
FROM (
    SELECT property_id, department, toDate32(created_at) AS day, count() AS requests, countIf(status = 'completed') AS completed, countIf(status = 'cancelled') AS cancelled,
        if(countIf(accepted_at IS NOT NULL) > 0, quantileExactIf(0.5)(toFloat64(dateDiff('millisecond', created_at, assumeNotNull(accepted_at))) / 60000, accepted_at IS NOT NULL), NULL) AS response_p50_minutes,
        if(countIf(accepted_at IS NOT NULL) > 0, quantileExactIf(0.9)(toFloat64(dateDiff('millisecond', created_at, assumeNotNull(accepted_at))) / 60000, accepted_at IS NOT NULL), NULL) AS response_p90_minutes,
        if(completed > 0, quantileExactIf(0.5)(toFloat64(dateDiff('millisecond', created_at, assumeNotNull(completed_at))) / 60000, status = 'completed'), NULL) AS resolution_p50_minutes,
        if(completed > 0, quantileExactIf(0.9)(toFloat64(dateDiff('millisecond', created_at, assumeNotNull(completed_at))) / 60000, status = 'completed'), NULL) AS resolution_p90_minutes,
        countIf(status = 'completed' AND ifNull(completed_at <= resolve_by, true)) AS on_time,
        if(completed + countIf(status NOT IN ('completed', 'cancelled') AND breached_resolve) > 0, 100 * on_time / (completed + countIf(status NOT IN ('completed', 'cancelled') AND breached_resolve)), NULL) AS sla_percent,
        sum(q.reopened) AS reopened, countIf(score > 0) AS ratings, if(ratings > 0, 100 * countIf(score >= 4) / ratings, NULL) AS csat_percent
    FROM v_service_requests AS q GROUP BY property_id, department, day
)
COMMENT 'Service per hotel, department and day of the request (UTC)';

CREATE OR REPLACE VIEW v_service_load
(
    property_id String COMMENT 'The hotel',
    department String COMMENT 'Department',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    open Int64 COMMENT 'Open',
    assigned Int64 COMMENT 'Assigned',
    accepted Int64 COMMENT 'Accepted',
    started Int64 COMMENT 'Started',
    completed Int64 COMMENT 'Completed since the log began',
    breached_open Int64 COMMENT 'Not done, and a promise broken',
    oldest_open_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the oldest open one was made',
    credits_open Float64 COMMENT 'Work not done'
)
AS SELECT property_id, department, as_of, open, assigned, accepted, started, completed, breached_open, oldest_open_at, credits_open
FROM (
    SELECT property_id, department, as_of, open, assigned, accepted, started, completed, breached_open, oldest_open_at, credits_open
    FROM service_load_snapshots ORDER BY _offset DESC LIMIT 1 BY property_id, department
)
COMMENT 'The queue of each department now, as its fold says';

CREATE OR REPLACE VIEW v_staff_performance
(
    property_id String COMMENT 'The hotel',
    staff_id String COMMENT 'The member of staff',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    department String COMMENT 'Department',
    on_shift Bool COMMENT 'On duty',
    on_break Bool COMMENT 'On a break',
    assigned Int64 COMMENT 'Assigned',
    accepted Int64 COMMENT 'Accepted',
    completed Int64 COMMENT 'Completed',
    released Int64 COMMENT 'Given back',
    response_minutes Nullable(Float64) COMMENT 'Mean minutes from made to accepted; n is accepted',
    resolution_minutes Nullable(Float64) COMMENT 'Mean minutes from made to completed; n is completed',
    on_time_percent Nullable(Float64) COMMENT 'Completed within the promise',
    credits_done Float64 COMMENT 'Work done',
    ratings Int64 COMMENT 'Ratings',
    rating Nullable(Float64) COMMENT 'Their mean'
)
AS SELECT property_id, staff_id, as_of, department, on_shift, on_break, assigned, accepted, completed, released, response_minutes, resolution_minutes, on_time_percent, credits_done, ratings, rating
FROM (
    SELECT property_id, staff_id, as_of, department, on_shift, on_break, assigned, accepted, completed, released,
        if(accepted > 0, response_ms / accepted / 60000, NULL) AS response_minutes, if(completed > 0, resolution_ms / completed / 60000, NULL) AS resolution_minutes,
        if(completed > 0, 100 * resolved_on_time / completed, NULL) AS on_time_percent, credits_done, ratings, if(ratings > 0, rating_sum / ratings, NULL) AS rating
    FROM performance_snapshots ORDER BY _offset DESC LIMIT 1 BY property_id, staff_id
)
COMMENT 'Each member of staff now, as the performance fold says';

CREATE OR REPLACE VIEW v_alerts
(
    property_id String COMMENT 'The hotel',
    alert_id String COMMENT 'The emergency',
    status String COMMENT 'raised, acknowledged or resolved',
    kind String COMMENT 'medical, fire, security, panic, technical or other',
    room_id String COMMENT 'The room',
    location String COMMENT 'Where exactly',
    drill Bool COMMENT 'An exercise',
    raised_by String COMMENT 'Who',
    raised_at DateTime64(3, 'UTC') COMMENT 'When',
    times Int64 COMMENT 'How often it rang again',
    acknowledged_by String COMMENT 'Who came',
    acknowledged_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When',
    resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was over'
)
AS SELECT property_id, alert_id, status, kind, room_id, location, drill, raised_by, raised_at, times, acknowledged_by, acknowledged_at, resolved_at
FROM (
    SELECT property_id, alert_id, multiIf(countIf(f.kind = 'emergency_resolved') > 0, 'resolved', countIf(f.kind = 'emergency_acknowledged') > 0, 'acknowledged', 'raised') AS status,
        argMinIf(tuple(f.emergency_kind, f.room_id, f.location, f.drill, f.actor_id), (f._offset, f._fact), f.kind = 'emergency_raised') AS r, tupleElement(r, 1) AS kind, tupleElement(r, 2) AS room_id, tupleElement(r, 3) AS location, tupleElement(r, 4) AS drill, tupleElement(r, 5) AS raised_by,
        minIf(occurred_at, f.kind = 'emergency_raised') AS raised_at, max(f.times) AS times,
        argMinIf(staff_id, (_offset, _fact), f.kind = 'emergency_acknowledged') AS acknowledged_by,
        if(countIf(f.kind = 'emergency_acknowledged') > 0, minIf(occurred_at, f.kind = 'emergency_acknowledged'), NULL) AS acknowledged_at,
        if(countIf(f.kind = 'emergency_resolved') > 0, minIf(occurred_at, f.kind = 'emergency_resolved'), NULL) AS resolved_at
    FROM alert_facts AS f WHERE f.kind != 'announced' GROUP BY property_id, alert_id
)
COMMENT 'Every emergency and where it stands';

CREATE OR REPLACE VIEW v_announcements
(
    property_id String COMMENT 'The hotel',
    announcement_id String COMMENT 'The announcement',
    audience String COMMENT 'house or staff',
    title String COMMENT 'Title',
    body String COMMENT 'Text',
    made_by String COMMENT 'Who',
    made_at DateTime64(3, 'UTC') COMMENT 'When',
    until Nullable(DateTime64(3, 'UTC')) COMMENT 'Shown until'
)
AS SELECT property_id, announcement_id, audience, title, body, made_by, made_at, until
FROM (
    SELECT property_id, alert_id AS announcement_id, audience, title, body, actor_id AS made_by, occurred_at AS made_at, until FROM alert_facts FINAL WHERE kind = 'announced'
)
COMMENT 'Every word to the house';

CREATE OR REPLACE VIEW v_decisions
(
    property_id String COMMENT 'The hotel',
    decided_at DateTime64(3, 'UTC') COMMENT 'When',
    agent String COMMENT 'rooms, services, staff, alerts or notifications',
    verdict String COMMENT 'accepted or refused',
    code String COMMENT 'Why refused, in one word',
    sentence String COMMENT 'The reason, as a person would say it',
    rule String COMMENT 'Rule and version',
    actor_id String COMMENT 'Who wanted it',
    actor_role String COMMENT 'In which role',
    facts Int64 COMMENT 'How many facts became true',
    candidates Array(Tuple(id String, score Float64, eligible Bool, reason String)) COMMENT 'Who was considered; the lowest score wins',
    context Map(String, Int64) COMMENT 'Offsets of what the decision saw beside its own state',
    causation_id String COMMENT 'Id of the command, batch or fact it answers',
    event_id String COMMENT 'Id of the answer',
    partition Int64 COMMENT 'Partition of the answer',
    offset Int64 COMMENT 'Offset of the answer'
)
AS SELECT property_id, decided_at, agent, verdict, code, sentence, rule, actor_id, actor_role, facts, candidates, context, causation_id, event_id, `partition`, `offset`
FROM (
    SELECT property_id, recorded_at AS decided_at, topic AS agent, verdict, code, sentence, rule, actor_id, actor_role, facts,
        arrayZip(candidate_ids, candidate_scores, candidate_eligible, candidate_reasons) AS candidates, context, causation_id, event_id, _partition AS partition, _offset AS offset
    FROM decisions FINAL
)
COMMENT 'Every decision of an agent and why, refusals included';

CREATE OR REPLACE VIEW v_system_alerts
(
    property_id String COMMENT 'The hotel',
    at DateTime64(3, 'UTC') COMMENT 'When',
    kind String COMMENT 'part_died, lag, dead_letters, push_refused or stalled',
    part String COMMENT 'Which part',
    sentence String COMMENT 'What a person would say',
    value Float64 COMMENT 'The figure behind it',
    event_id String COMMENT 'Id'
)
AS SELECT property_id, at, kind, part, sentence, value, event_id
FROM (
    SELECT property_id, at, kind, part, sentence, value, event_id FROM system_alerts FINAL ORDER BY at LIMIT 1 BY event_id
)
COMMENT 'Every word of a watchdog';

CREATE OR REPLACE VIEW v_dead_letters
(
    property_id String COMMENT 'The hotel',
    at DateTime64(3, 'UTC') COMMENT 'When it was found',
    topic String COMMENT 'Where it lay',
    topic_partition Int64 COMMENT 'In which partition',
    topic_offset Int64 COMMENT 'At which offset',
    reason String COMMENT 'Why',
    found_by String COMMENT 'Who found it',
    bytes Int64 COMMENT 'Its size',
    event_id String COMMENT 'Id'
)
AS SELECT property_id, at, topic, topic_partition, topic_offset, reason, found_by, bytes, event_id
FROM (
    SELECT property_id, at, topic, topic_partition, topic_offset, reason, found_by, length(value) AS bytes, event_id FROM dead_letters FINAL ORDER BY _offset LIMIT 1 BY event_id
)
COMMENT 'What could not be read or is invalid, once a finder';

CREATE OR REPLACE VIEW v_notifications
(
    property_id String COMMENT 'The hotel',
    notification_id String COMMENT 'The notification',
    user_id String COMMENT 'Who',
    category String COMMENT 'assignment, request, announcement or emergency',
    channels Array(String) COMMENT 'bell, push',
    notified_at DateTime64(3, 'UTC') COMMENT 'When',
    seen_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Seen',
    read_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Read',
    expired_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Cleaned up'
)
AS SELECT property_id, notification_id, user_id, category, channels, notified_at, seen_at, read_at, expired_at
FROM (
    SELECT property_id, notification_id, any(f.user_id) AS user_id, argMinIf(f.category, _offset, kind = 'notified') AS category, argMinIf(f.channels, _offset, kind = 'notified') AS channels,
        minIf(occurred_at, kind = 'notified') AS notified_at, if(countIf(kind = 'seen') > 0, minIf(occurred_at, kind = 'seen'), NULL) AS seen_at,
        if(countIf(kind = 'read') > 0, minIf(occurred_at, kind = 'read'), NULL) AS read_at, if(countIf(kind = 'expired') > 0, minIf(occurred_at, kind = 'expired'), NULL) AS expired_at
    FROM notification_facts AS f GROUP BY property_id, notification_id
)
COMMENT 'Every notification and what its person did';

CREATE OR REPLACE VIEW v_chat_threads
(
    property_id String COMMENT 'The hotel',
    thread_id String COMMENT 'The thread',
    thread_kind String COMMENT 'guest_department or staff',
    department String COMMENT 'Department',
    opened_at DateTime64(3, 'UTC') COMMENT 'First event',
    last_at DateTime64(3, 'UTC') COMMENT 'Last event',
    messages Int64 COMMENT 'Messages',
    guest_messages Int64 COMMENT 'of which by guests',
    first_response_minutes Nullable(Float64) COMMENT 'Minutes from the first message of a guest to the first of somebody else after it'
)
AS SELECT property_id, thread_id, thread_kind, department, opened_at, last_at, messages, guest_messages, first_response_minutes
FROM (
    SELECT property_id, thread_id, max(c.thread_kind) AS thread_kind, max(c.department) AS department, min(c.logged_at) AS opened_at, max(c.logged_at) AS last_at,
        countIf(kind = 'message_sent') AS messages, countIf(kind = 'message_sent' AND actor_role = 'guest') AS guest_messages,
        minIf(c.logged_at, kind = 'message_sent' AND actor_role = 'guest') AS asked_at,
        arrayFirst(x -> x >= asked_at, arraySort(groupArrayIf(c.logged_at, kind = 'message_sent' AND actor_role != 'guest'))) AS answered_at,
        if(guest_messages > 0 AND answered_at >= asked_at, dateDiff('millisecond', asked_at, answered_at) / 60000, NULL) AS first_response_minutes
    FROM (SELECT * FROM chat_events ORDER BY _offset LIMIT 1 BY event_id) AS c GROUP BY property_id, thread_id
)
COMMENT 'Every thread in figures, never a text; a repeated message counts once';

CREATE OR REPLACE VIEW v_deliveries
(
    property_id String COMMENT 'The hotel',
    notification_id String COMMENT 'The notification',
    user_id String COMMENT 'Who',
    subscription_id String COMMENT 'Which browser',
    state String COMMENT 'accepted, delivered, shown, failed or pruned',
    status Int64 COMMENT 'HTTP status of the push service',
    detail String COMMENT 'What it said',
    at DateTime64(3, 'UTC') COMMENT 'When'
)
AS SELECT property_id, notification_id, user_id, subscription_id, state, status, detail, at
FROM (
    SELECT property_id, notification_id, user_id, subscription_id, state, status, detail, at FROM (SELECT * FROM deliveries ORDER BY _offset LIMIT 1 BY event_id)
)
COMMENT 'Every step of every push';

CREATE OR REPLACE VIEW v_freshness
(
    topic String COMMENT 'Topic',
    partition Int64 COMMENT 'Partition',
    next_offset Int64 COMMENT 'All records below it are in the tables',
    logged_at DateTime64(3, 'UTC') COMMENT 'Time of the last of them',
    complete_until DateTime64(3, 'UTC') COMMENT 'All that the log held at this time is in the tables',
    behind_seconds Float64 COMMENT 'Seconds since complete_until'
)
AS SELECT topic, `partition`, next_offset, logged_at, complete_until, behind_seconds
FROM (
    SELECT topic, _partition AS partition, argMax(p.next_offset, (p.next_offset, p.complete_until)) AS next_offset, max(p.logged_at) AS logged_at, max(p.complete_until) AS complete_until,
        dateDiff('millisecond', complete_until, now64(3, 'UTC')) / 1000 AS behind_seconds
    FROM progress AS p GROUP BY topic, _partition
)
COMMENT 'How far the tables are, per topic partition';

CREATE OR REPLACE VIEW v_property_freshness
(
    property_id String COMMENT 'The hotel',
    complete_until DateTime64(3, 'UTC') COMMENT 'All of the hotel that the log held at this time is in the tables',
    behind_seconds Float64 COMMENT 'Seconds since then'
)
AS SELECT property_id, complete_until, behind_seconds
FROM (
    SELECT p.property_id, min(f.complete_until) AS complete_until, dateDiff('millisecond', complete_until, now64(3, 'UTC')) / 1000 AS behind_seconds
    FROM (SELECT property_id, toInt64(CRC32(property_id) % (SELECT greatest(1, uniqExact(_partition)) FROM progress)) AS partition FROM v_properties) AS p
    INNER JOIN v_freshness AS f ON f.partition = p.partition GROUP BY p.property_id
)
COMMENT 'As of when the tables are whole, per hotel';
