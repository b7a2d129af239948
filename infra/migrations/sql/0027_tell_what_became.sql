-- Chats, decisions, notifications and emergencies: what became of each. A chat has one time, the broker's, so of as_of
-- and known the earlier counts.
CREATE OR REPLACE VIEW v_chat_responses_at
AS SELECT property_id, thread_id, department, logged_at AS asked_at, if(human_at = 0, NULL, fromUnixTimestamp64Milli(human_at, 'UTC')) AS answered_at, human AS answered_by,
    row_number() OVER (PARTITION BY property_id, thread_id ORDER BY logged_at, _offset) = 1 AS first, dateDiff('millisecond', asked_at, answered_at) / 60000 AS minutes,
    if(human_at = 0, dateDiff('millisecond', asked_at, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC'))) / 60000, NULL) AS waiting_minutes
FROM (
    SELECT property_id, thread_id, department, logged_at, _offset, guest, lagInFrame(guest, 1, false) OVER w AS follows, argMinIf(actor_id, (logged_at, _offset), NOT guest) OVER f AS human,
        minIf(toUnixTimestamp64Milli(logged_at), NOT guest) OVER f AS human_at
    FROM (
        SELECT property_id, thread_id, kind, logged_at, _offset, actor_id, actor_role, actor_role = 'guest' AS guest, max(c.department) OVER (PARTITION BY property_id, thread_id) AS department
        FROM (SELECT * FROM chat_events ORDER BY _offset LIMIT 1 BY event_id) AS c WHERE logged_at <= least({as_of:DateTime64(3, 'UTC')}, {known:DateTime64(3, 'UTC')})
    )
    WHERE kind = 'message_sent' AND actor_role IN ('guest', 'staff', 'manager', 'admin')
    WINDOW w AS (PARTITION BY property_id, thread_id ORDER BY logged_at, _offset ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
        f AS (PARTITION BY property_id, thread_id ORDER BY logged_at, _offset ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
WHERE guest AND NOT follows
COMMENT 'Questions and answers in chats as of a moment, with the columns of v_chat_responses';

CREATE OR REPLACE VIEW v_chat_responses
(
    property_id String COMMENT 'The hotel',
    thread_id String COMMENT 'The thread',
    department String COMMENT 'Its department',
    asked_at DateTime64(3, 'UTC') COMMENT 'First unanswered message of the guest',
    answered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First message of a person of the house after it; empty while nobody answered',
    answered_by String COMMENT 'Who answered; empty while nobody did',
    first Bool COMMENT 'The first of its thread',
    minutes Nullable(Float64) COMMENT 'Minutes: answered_at - asked_at',
    waiting_minutes Nullable(Float64) COMMENT 'Minutes since asked_at where nobody answered yet'
)
AS SELECT
    property_id, thread_id, department, asked_at, answered_at, answered_by, first, minutes, waiting_minutes
FROM {database:Identifier}.v_chat_responses_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Each time a guest wrote and waited for an answer, and how long: times only, never a text';

CREATE OR REPLACE VIEW v_chat_threads_at
AS SELECT t.property_id AS property_id, t.thread_id AS thread_id, t.thread_kind AS thread_kind, t.department AS department, t.opened_at AS opened_at, t.last_at AS last_at,
    t.messages AS messages, t.guest_messages AS guest_messages, if(r.first_n > 0, r.first_minutes, NULL) AS first_response_minutes, t.characters AS characters, r.open_n > 0 AS unanswered
FROM (
    SELECT property_id, thread_id, max(c.thread_kind) AS thread_kind, max(c.department) AS department, min(logged_at) AS opened_at, max(logged_at) AS last_at,
        toInt64(countIf(kind = 'message_sent')) AS messages, toInt64(countIf(kind = 'message_sent' AND actor_role = 'guest')) AS guest_messages, toInt64(sum(text_length)) AS characters
    FROM (SELECT * FROM chat_events ORDER BY _offset LIMIT 1 BY event_id) AS c WHERE logged_at <= least({as_of:DateTime64(3, 'UTC')}, {known:DateTime64(3, 'UTC')}) GROUP BY property_id, thread_id
) AS t
LEFT JOIN (
    SELECT property_id, thread_id, countIf(first AND minutes IS NOT NULL) AS first_n, anyIf(minutes, first AND minutes IS NOT NULL) AS first_minutes, countIf(answered_at IS NULL) AS open_n
    FROM {database:Identifier}.v_chat_responses_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) GROUP BY property_id, thread_id
) AS r ON r.property_id = t.property_id AND r.thread_id = t.thread_id
COMMENT 'Every thread as of a moment, with the columns of v_chat_threads';

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
    first_response_minutes Nullable(Float64) COMMENT 'Minutes from the first message of the guest to the first of a person of the house after it',
    characters Int64 COMMENT 'Characters of all messages',
    unanswered Bool COMMENT 'The guest waits for an answer'
)
AS SELECT
    property_id, thread_id, thread_kind, department, opened_at, last_at, messages, guest_messages,
    first_response_minutes, characters, unanswered
FROM {database:Identifier}.v_chat_threads_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every thread in figures, never a text; a repeated message counts once';

CREATE OR REPLACE VIEW v_chat_kpis_at
AS SELECT r.property_id AS property_id, r.department AS department, toDate32(formatDateTime(r.asked_at, '%F', if(z.zone = '', 'UTC', z.zone))) AS day, toInt64(count()) AS questions, toInt64(countIf(minutes IS NOT NULL)) AS answered,
    toInt64(countIf(first AND minutes IS NOT NULL)) AS first_answered, if(countIf(first AND minutes IS NOT NULL) > 0, quantileExactIf(0.5)(assumeNotNull(minutes), first AND minutes IS NOT NULL), NULL) AS first_response_p50_minutes, if(countIf(first AND minutes IS NOT NULL) > 0, quantileExactIf(0.9)(assumeNotNull(minutes), first AND minutes IS NOT NULL), NULL) AS first_response_p90_minutes,
    if(countIf(minutes IS NOT NULL) > 0, quantileExactIf(0.5)(assumeNotNull(minutes), minutes IS NOT NULL), NULL) AS response_p50_minutes, if(countIf(minutes IS NOT NULL) > 0, quantileExactIf(0.9)(assumeNotNull(minutes), minutes IS NOT NULL), NULL) AS response_p90_minutes, toInt64(countIf(answered_at IS NULL)) AS waiting, max(waiting_minutes) AS longest_waiting_minutes
FROM {database:Identifier}.v_chat_responses_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS r LEFT JOIN v_time_zones AS z ON z.property_id = r.property_id
GROUP BY property_id, department, day
COMMENT 'The figures of chats as of a moment, with the columns of v_chat_kpis';

CREATE OR REPLACE VIEW v_chat_kpis
(
    property_id String COMMENT 'The hotel',
    department String COMMENT 'Department',
    day Date32 COMMENT 'Day of the question where the hotel is',
    questions Int64 COMMENT 'Times a guest waited for an answer',
    answered Int64 COMMENT 'of which answered; n of the response times',
    first_answered Int64 COMMENT 'of which the first of their thread; n of the first response times',
    first_response_p50_minutes Nullable(Float64) COMMENT 'Median minutes from the first unanswered message of a thread\'s guest to the first of a person of the house',
    first_response_p90_minutes Nullable(Float64) COMMENT '90 % took no longer',
    response_p50_minutes Nullable(Float64) COMMENT 'The same of all questions',
    response_p90_minutes Nullable(Float64) COMMENT '90 % took no longer',
    waiting Int64 COMMENT 'Questions nobody has answered yet',
    longest_waiting_minutes Nullable(Float64) COMMENT 'Since when the oldest of them waits'
)
AS SELECT
    property_id, department, day, questions, answered, first_answered, first_response_p50_minutes,
    first_response_p90_minutes, response_p50_minutes, response_p90_minutes, waiting, longest_waiting_minutes
FROM {database:Identifier}.v_chat_kpis_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'How soon guests were answered, per department and day, with n. Source: v_chat_responses';

CREATE OR REPLACE VIEW v_decision_candidates
(
    property_id String COMMENT 'The hotel',
    decided_at DateTime64(3, 'UTC') COMMENT 'When',
    agent String COMMENT 'Whose decision',
    event_id String COMMENT 'Id of the decision: v_decisions has the rest',
    rule String COMMENT 'Rule and version',
    sentence String COMMENT 'The reason, as a person would say it',
    candidate_id String COMMENT 'Who was considered',
    score Float64 COMMENT 'Their score; the lowest wins',
    eligible Bool COMMENT 'Whether they could be chosen',
    reason String COMMENT 'Why not, or why so',
    chosen Bool COMMENT 'It was assigned to them'
)
AS SELECT d.property_id AS property_id, d.recorded_at AS decided_at, d.topic AS agent, d.event_id AS event_id, d.rule AS rule, d.sentence AS sentence,
    d.who AS candidate_id, d.score AS score, d.eligible AS eligible, d.reason AS reason, s.event_id != '' AS chosen
FROM (
    SELECT property_id, recorded_at, topic, event_id, rule, sentence, who, score, eligible, reason
    FROM decisions FINAL ARRAY JOIN candidate_ids AS who, candidate_scores AS score, candidate_eligible AS eligible, candidate_reasons AS reason
) AS d
LEFT JOIN (SELECT DISTINCT property_id, event_id, staff_id FROM service_facts WHERE kind = 'assigned') AS s
    ON s.property_id = d.property_id AND s.event_id = d.event_id AND s.staff_id = d.who
COMMENT 'Every candidate of every decision: who was considered, the scores, why this one';

CREATE OR REPLACE VIEW v_notifications_at
AS SELECT property_id, notification_id, any(f.user_id) AS user_id, argMinIf(f.category, _offset, kind = 'notified') AS category, argMinIf(f.channels, _offset, kind = 'notified') AS channels,
    minIf(occurred_at, kind = 'notified') AS notified_at, if(countIf(kind = 'seen') > 0, minIf(occurred_at, kind = 'seen'), NULL) AS seen_at,
    if(countIf(kind = 'read') > 0, minIf(occurred_at, kind = 'read'), NULL) AS read_at, if(countIf(kind = 'expired') > 0, minIf(occurred_at, kind = 'expired'), NULL) AS expired_at
FROM notification_facts AS f WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, notification_id
COMMENT 'Every notification as of a moment, with the columns of v_notifications';

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
AS SELECT
    property_id, notification_id, user_id, category, channels, notified_at, seen_at, read_at, expired_at
FROM {database:Identifier}.v_notifications_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every notification and what its person did';

CREATE OR REPLACE VIEW v_notification_reach_at
AS SELECT n.property_id AS property_id, n.notification_id AS notification_id, n.user_id AS user_id, n.category AS category, n.notified_at AS notified_at,
    toInt64(d.browsers) AS browsers, toInt64(d.accepted) AS accepted, toInt64(d.delivered) AS delivered, toInt64(d.shown) AS shown, toInt64(d.failed) AS failed, toInt64(d.pruned) AS pruned,
    if(d.accepted > 0, d.first_accepted, NULL) AS accepted_at, if(d.shown > 0, d.first_shown, NULL) AS shown_at, n.seen_at AS seen_at, n.read_at AS read_at,
    multiIf(n.read_at IS NOT NULL, 'read', n.seen_at IS NOT NULL, 'seen', d.shown > 0, 'shown', d.delivered > 0, 'delivered', d.accepted > 0, 'accepted', d.browsers > 0, 'failed', 'bell') AS outcome
FROM {database:Identifier}.v_notifications_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS n
LEFT JOIN (
    SELECT property_id, notification_id, count() AS browsers, countIf(has(states, 'accepted') OR has(states, 'delivered') OR has(states, 'shown')) AS accepted,
        countIf(has(states, 'delivered') OR has(states, 'shown')) AS delivered, countIf(has(states, 'shown')) AS shown, countIf(has(states, 'pruned')) AS pruned,
        countIf(NOT hasAny(states, ['accepted', 'delivered', 'shown', 'pruned'])) AS failed, minIf(took, took > toDateTime64(0, 3, 'UTC')) AS first_accepted,
        minIf(showed, showed > toDateTime64(0, 3, 'UTC')) AS first_shown
    FROM (
        SELECT property_id, notification_id, subscription_id, groupUniqArray(toString(state)) AS states, minIf(d.at, state IN ('accepted', 'delivered', 'shown')) AS took, minIf(d.at, state = 'shown') AS showed
        FROM deliveries AS d WHERE d.at <= {as_of:DateTime64(3, 'UTC')} AND d.logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, notification_id, subscription_id
    )
    GROUP BY property_id, notification_id
) AS d ON d.property_id = n.property_id AND d.notification_id = n.notification_id
COMMENT 'What became of each notification as of a moment, with the columns of v_notification_reach';

CREATE OR REPLACE VIEW v_notification_reach
(
    property_id String COMMENT 'The hotel',
    notification_id String COMMENT 'The notification',
    user_id String COMMENT 'Who',
    category String COMMENT 'assignment, request, announcement or emergency',
    notified_at DateTime64(3, 'UTC') COMMENT 'When it was decided to tell them',
    browsers Int64 COMMENT 'Browsers a push went to; 0: none was tried',
    accepted Int64 COMMENT 'of which the push service took it',
    delivered Int64 COMMENT 'of which the browser said it had it',
    shown Int64 COMMENT 'of which showed it',
    failed Int64 COMMENT 'of which failed for good and were reached in no other try',
    pruned Int64 COMMENT 'of which were struck off: the push service knows them no more',
    accepted_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First taken by a push service',
    shown_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First shown',
    seen_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Seen in the product',
    read_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Read in the product',
    outcome String COMMENT 'The most that is known: read, seen, shown, delivered, accepted, failed, or bell (no push was tried)'
)
AS SELECT
    property_id, notification_id, user_id, category, notified_at, browsers, accepted, delivered, shown, failed,
    pruned, accepted_at, shown_at, seen_at, read_at, outcome
FROM {database:Identifier}.v_notification_reach_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Whether each notification reached somebody, as far as is known: a push service taking it is not a person seeing it';

CREATE OR REPLACE VIEW v_alerts_at
AS SELECT property_id, alert_id, status, kind, room_id, location, drill, raised_by, raised_at, times, acknowledged_by, acknowledged_at, resolved_at, acknowledge_seconds, resolve_seconds
FROM (
    SELECT property_id, alert_id, multiIf(countIf(f.kind = 'emergency_resolved') > 0, 'resolved', countIf(f.kind = 'emergency_acknowledged') > 0, 'acknowledged', 'raised') AS status,
        argMinIf(tuple(f.emergency_kind, f.room_id, f.location, f.drill, f.actor_id), (f._offset, f._fact), f.kind = 'emergency_raised') AS r, tupleElement(r, 1) AS kind, tupleElement(r, 2) AS room_id, tupleElement(r, 3) AS location, tupleElement(r, 4) AS drill, tupleElement(r, 5) AS raised_by,
        minIf(occurred_at, f.kind = 'emergency_raised') AS raised_at, toInt64(max(f.times)) AS times,
        argMinIf(staff_id, (_offset, _fact), f.kind = 'emergency_acknowledged') AS acknowledged_by,
        if(countIf(f.kind = 'emergency_acknowledged') > 0, minIf(occurred_at, f.kind = 'emergency_acknowledged'), NULL) AS acknowledged_at,
        if(countIf(f.kind = 'emergency_resolved') > 0, minIf(occurred_at, f.kind = 'emergency_resolved'), NULL) AS resolved_at,
        dateDiff('millisecond', raised_at, acknowledged_at) / 1000 AS acknowledge_seconds, dateDiff('millisecond', raised_at, resolved_at) / 1000 AS resolve_seconds
    FROM alert_facts AS f WHERE f.kind != 'announced' AND occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, alert_id
)
COMMENT 'Every emergency as of a moment, with the columns of v_alerts';

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
    resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was over',
    acknowledge_seconds Nullable(Float64) COMMENT 'Seconds: acknowledged_at - raised_at',
    resolve_seconds Nullable(Float64) COMMENT 'Seconds: resolved_at - raised_at'
)
AS SELECT
    property_id, alert_id, status, kind, room_id, location, drill, raised_by, raised_at, times, acknowledged_by,
    acknowledged_at, resolved_at, acknowledge_seconds, resolve_seconds
FROM {database:Identifier}.v_alerts_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every emergency, where it stands, and how long people took';
