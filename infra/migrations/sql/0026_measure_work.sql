-- Who worked on what, for how long, and how much of a shift that was.
CREATE OR REPLACE VIEW v_service_steps_at
AS SELECT
    f.property_id AS property_id, f.request_id AS request_id, q.department AS department, f.kind AS kind, f.occurred_at AS occurred_at,
    if(f.kind = 'rated', ifNull(if(f.by_then = '', f.at_all, f.by_then), ''), f.staff_id) AS staff_id,
    dateDiff('millisecond', q.created_at, f.occurred_at) / 60000 AS minutes, f.kind = 'completed' AND ifNull(f.occurred_at <= q.resolve_by, true) AS on_time,
    q.credits AS credits, toInt64(f.score) AS score
FROM (
    SELECT *, argMaxIf(staff_id, (occurred_at, _offset, _fact), kind = 'completed') OVER (PARTITION BY property_id, request_id ORDER BY occurred_at, kind = 'rated' ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS by_then,
        argMinIf(staff_id, (occurred_at, _offset, _fact), kind = 'completed') OVER (PARTITION BY property_id, request_id) AS at_all
    FROM service_facts FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
) AS f
INNER JOIN {database:Identifier}.v_service_requests_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS q ON q.property_id = f.property_id AND q.request_id = f.request_id
COMMENT 'Steps of service requests up to a moment, with the columns of v_service_steps';

CREATE OR REPLACE VIEW v_service_steps
(
    property_id String COMMENT 'The hotel',
    request_id String COMMENT 'The request',
    department String COMMENT 'Its department',
    kind String COMMENT 'Which step: requested, assigned, accepted, started, completed, released, cancelled, reopened, rated, breached',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When',
    staff_id String COMMENT 'Whose step it is; of a rating, who had completed it by then; empty where nobody\'s',
    minutes Float64 COMMENT 'Minutes since the request was made',
    on_time Bool COMMENT 'Of a completion: by resolve_by',
    credits Float64 COMMENT 'Work in the request',
    score Int64 COMMENT 'Of a rating: 1 to 5; else 0'
)
AS SELECT
    property_id, request_id, department, kind, occurred_at, staff_id, minutes, on_time, credits, score
FROM {database:Identifier}.v_service_steps_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every step of every service request, whose it was and how long after it was made';

CREATE OR REPLACE VIEW v_service_work_at
AS SELECT property_id, request_id, staff_id, occurred_at AS started_at, next_at AS ended_at,
    greatest(0, dateDiff('millisecond', started_at, ifNull(next_at, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC'))))) / 60000 AS minutes
FROM (
    SELECT property_id, request_id, staff_id, occurred_at, kind, leadInFrame(toNullable(occurred_at)) OVER (PARTITION BY property_id, request_id
        ORDER BY occurred_at, indexOf(['assigned', 'released', 'started', 'completed', 'cancelled', 'reopened'], toString(kind)) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at
    FROM service_facts FINAL WHERE kind IN ('assigned', 'released', 'started', 'completed', 'cancelled', 'reopened') AND occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
)
WHERE kind = 'started'
COMMENT 'Work on service requests up to a moment, with the columns of v_service_work';

CREATE OR REPLACE VIEW v_service_work
(
    property_id String COMMENT 'The hotel',
    request_id String COMMENT 'The request',
    staff_id String COMMENT 'Who worked',
    started_at DateTime64(3, 'UTC') COMMENT 'Work began',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Completed, given back, cancelled, or somebody else\'s; empty while it goes on',
    minutes Float64 COMMENT 'Minutes from started_at to ended_at, or to now'
)
AS SELECT
    property_id, request_id, staff_id, started_at, ended_at, minutes
FROM {database:Identifier}.v_service_work_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'From when to when somebody worked on a service request: the active intervals of v_staff_shifts';

CREATE OR REPLACE VIEW v_staff_shifts_at
AS WITH
    told AS (
        SELECT property_id, shift_id, staff_id, argMaxIf(department, (occurred_at, _offset, _fact), department != '') AS dep,
            maxIf(starts_at, kind = 'shift_planned') AS planned_from, maxIf(ends_at, kind = 'shift_planned') AS planned_to,
            countIf(kind = 'shift_started') > 0 AS came, minIf(occurred_at, kind = 'shift_started') AS from_at,
            arrayFirst(x -> x >= from_at, arraySort(groupArrayIf(occurred_at, kind = 'shift_ended'))) AS off_at,
            arraySort(groupUniqArrayIf((occurred_at, kind = 'break_ended'), kind IN ('break_started', 'break_ended'))) AS pauses
        FROM shift_facts FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, shift_id, staff_id
    ),
    worked AS (
        SELECT *, if(off_at >= from_at, off_at, {as_of:DateTime64(3, 'UTC')}) AS said_to, leadInFrame(from_at, 1, {as_of:DateTime64(3, 'UTC')}) OVER (PARTITION BY property_id, staff_id ORDER BY from_at, shift_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_at, least(said_to, next_at) AS end_at, least(end_at, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC'))) AS to_at
        FROM told WHERE came
    ),
    -- What begins (+1) and ends (-1) when: a shift, a break, a piece of work. Between two of these nothing changes.
    marks AS (
        SELECT property_id, staff_id, arrayJoin([(from_at, shift_id, 1, 0, 0), (to_at, '', -1, 0, 0)]) AS m FROM worked WHERE to_at > from_at
        UNION ALL
        SELECT property_id, staff_id, arrayJoin([(start, '', 0, 1, 0), (stop, '', 0, -1, 0)])
        FROM (
            SELECT property_id, staff_id, arrayJoin(arrayZip(pauses, arraySlice(arrayPushBack(pauses, (to_at, true)), 2))) AS pair,
                greatest(pair.1.1, from_at) AS start, least(pair.2.1, to_at) AS stop
            FROM worked WHERE NOT pair.1.2
        )
        WHERE stop > start
        UNION ALL
        SELECT property_id, staff_id, arrayJoin([(started_at, '', 0, 0, 1), (ifNull(ended_at, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC'))), '', 0, 0, -1)])
        FROM {database:Identifier}.v_service_work_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE staff_id != ''
    ),
    spans AS (
        SELECT property_id, staff_id, last_value(nullIf(m.2, '')) IGNORE NULLS OVER w AS shift_id, sum(m.3) OVER w > 0 AS on_shift, sum(m.4) OVER w > 0 AS on_break, sum(m.5) OVER w > 0 AS busy,
            dateDiff('millisecond', m.1, leadInFrame(m.1, 1, m.1) OVER (PARTITION BY property_id, staff_id ORDER BY m.1, m.2 ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS ms
        FROM marks WINDOW w AS (PARTITION BY property_id, staff_id ORDER BY m.1, m.2 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    sums AS (
        SELECT property_id, staff_id, shift_id, sumIf(ms, on_shift) AS shift_ms, sumIf(ms, on_shift AND on_break) AS break_ms, sumIf(ms, on_shift AND NOT on_break AND busy) AS active_ms
        FROM spans WHERE shift_id IS NOT NULL GROUP BY property_id, staff_id, shift_id
    )
SELECT
    t.property_id AS property_id, t.shift_id AS shift_id, t.staff_id AS staff_id, t.dep AS department, t.planned_from AS planned_from, t.planned_to AS planned_to,
    if(t.came, t.from_at, NULL) AS started_at, if(t.came AND w.end_at < {as_of:DateTime64(3, 'UTC')}, w.end_at, NULL) AS ended_at,
    multiIf(NOT t.came, 'planned', ended_at IS NOT NULL, 'ended', notEmpty(t.pauses) AND NOT t.pauses[-1].2, 'on_break', 'on_duty') AS status,
    ifNull(s.shift_ms, 0) / 60000 AS shift_minutes, ifNull(s.break_ms, 0) / 60000 AS break_minutes, ifNull(s.active_ms, 0) / 60000 AS active_minutes,
    CAST(round(toDecimal128(ifNull(s.active_ms, 0), 6) * 100 / nullIf(ifNull(s.shift_ms, 0) - ifNull(s.break_ms, 0), 0), 2), 'Nullable(Decimal(9, 2))') AS utilisation
FROM told AS t
LEFT JOIN worked AS w ON w.property_id = t.property_id AND w.staff_id = t.staff_id AND w.shift_id = t.shift_id
LEFT JOIN sums AS s ON s.property_id = t.property_id AND s.staff_id = t.staff_id AND s.shift_id = t.shift_id
COMMENT 'Shifts as of a moment, with the columns of v_staff_shifts';

CREATE OR REPLACE VIEW v_staff_shifts
(
    property_id String COMMENT 'The hotel',
    shift_id String COMMENT 'The shift',
    staff_id String COMMENT 'The member of staff',
    department String COMMENT 'Department',
    planned_from Nullable(DateTime64(3, 'UTC')) COMMENT 'Planned start; empty where no roster said it',
    planned_to Nullable(DateTime64(3, 'UTC')) COMMENT 'Planned end',
    started_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Came on duty; empty while it is only planned',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Went off duty, or began another shift; empty while on duty',
    status String COMMENT 'planned, on_duty, on_break or ended',
    shift_minutes Float64 COMMENT 'Minutes from started_at to ended_at, or to now',
    break_minutes Float64 COMMENT 'of which on breaks',
    active_minutes Float64 COMMENT 'of which off break with at least one request being worked on: the union of the intervals of v_service_work, so two at once count once',
    utilisation Nullable(Decimal(9, 2)) COMMENT 'Percent: 100 x active_minutes / (shift_minutes - break_minutes)'
)
AS SELECT
    property_id, shift_id, staff_id, department, planned_from, planned_to, started_at, ended_at, status,
    shift_minutes, break_minutes, active_minutes, utilisation
FROM {database:Identifier}.v_staff_shifts_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every shift: planned and worked, its breaks, and how much of it was work';

CREATE OR REPLACE VIEW v_staff_performance_daily_at
AS SELECT
    property_id, staff_id, day, toInt64(countIf(kind = 'assigned')) AS assigned, toInt64(countIf(kind = 'accepted')) AS accepted, toInt64(countIf(kind = 'completed')) AS completed,
    toInt64(countIf(kind = 'released')) AS released, if(countIf(kind = 'accepted') > 0, quantileExactIf(0.5)(minutes, kind = 'accepted'), NULL) AS response_p50_minutes, if(countIf(kind = 'completed') > 0, quantileExactIf(0.5)(minutes, kind = 'completed'), NULL) AS resolution_p50_minutes,
    if(completed > 0, 100 * countIf(d.on_time) / completed, NULL) AS on_time_percent, sumIf(d.credits, kind = 'completed') AS credits, toInt64(countIf(kind = 'rated')) AS ratings,
    if(ratings > 0, 100 * countIf(kind = 'rated' AND score >= 4) / ratings, NULL) AS csat_percent, sum(d.shift_minutes) AS shift_minutes, sum(d.break_minutes) AS break_minutes,
    sum(d.active_minutes) AS active_minutes, if(shift_minutes - break_minutes > 0, 100 * active_minutes / (shift_minutes - break_minutes), NULL) AS utilisation,
    if(shift_minutes - break_minutes > 0, 60 * credits / (shift_minutes - break_minutes), NULL) AS credits_per_hour
FROM (
    SELECT s.property_id AS property_id, s.staff_id AS staff_id, toDate32(formatDateTime(s.occurred_at, '%F', if(z.zone = '', 'UTC', z.zone))) AS day, toString(s.kind) AS kind, s.minutes AS minutes, s.on_time AS on_time, s.credits AS credits,
        s.score AS score, toFloat64(0) AS shift_minutes, toFloat64(0) AS break_minutes, toFloat64(0) AS active_minutes
    FROM {database:Identifier}.v_service_steps_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS s LEFT JOIN v_time_zones AS z ON z.property_id = s.property_id
    WHERE s.staff_id != '' AND s.kind IN ('assigned', 'accepted', 'completed', 'released', 'rated')
    UNION ALL
    SELECT s.property_id, s.staff_id, toDate32(formatDateTime(s.started_at, '%F', if(z.zone = '', 'UTC', z.zone))), 'shift', 0, false, 0, 0, s.shift_minutes, s.break_minutes, s.active_minutes
    FROM {database:Identifier}.v_staff_shifts_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS s LEFT JOIN v_time_zones AS z ON z.property_id = s.property_id WHERE s.started_at IS NOT NULL
) AS d
GROUP BY property_id, staff_id, day
COMMENT 'What each member of staff did up to a moment, by day, with the columns of v_staff_performance_daily';

CREATE OR REPLACE VIEW v_staff_performance_daily
(
    property_id String COMMENT 'The hotel',
    staff_id String COMMENT 'The member of staff',
    day Date32 COMMENT 'Day where the hotel is; a shift counts on the day it began',
    assigned Int64 COMMENT 'Requests assigned',
    accepted Int64 COMMENT 'Requests accepted; n of response_p50_minutes',
    completed Int64 COMMENT 'Requests completed; n of resolution_p50_minutes and on_time_percent',
    released Int64 COMMENT 'Requests given back',
    response_p50_minutes Nullable(Float64) COMMENT 'Median minutes from made to accepted',
    resolution_p50_minutes Nullable(Float64) COMMENT 'Median minutes from made to completed',
    on_time_percent Nullable(Float64) COMMENT '100 x completed by resolve_by / completed',
    credits Float64 COMMENT 'Work in what was completed',
    ratings Int64 COMMENT 'Ratings of what they completed; n of csat_percent',
    csat_percent Nullable(Float64) COMMENT '100 x ratings of 4 or 5 / ratings',
    shift_minutes Float64 COMMENT 'Minutes on duty',
    break_minutes Float64 COMMENT 'of which on breaks',
    active_minutes Float64 COMMENT 'of which at work (v_staff_shifts)',
    utilisation Nullable(Float64) COMMENT 'Percent: 100 x active_minutes / (shift_minutes - break_minutes)',
    credits_per_hour Nullable(Float64) COMMENT 'credits / hours on duty off break: compare by this and look at completed, not by counts: hard jobs have more credits'
)
AS SELECT
    property_id, staff_id, day, assigned, accepted, completed, released, response_p50_minutes,
    resolution_p50_minutes, on_time_percent, credits, ratings, csat_percent, shift_minutes, break_minutes,
    active_minutes, utilisation, credits_per_hour
FROM {database:Identifier}.v_staff_performance_daily_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'What each member of staff did on each day, with n, and how much of the shift was work. Source: v_service_steps, v_staff_shifts';

CREATE OR REPLACE VIEW v_staff_performance_at
AS SELECT
    if(d.property_id = '', s.property_id, d.property_id) AS property_id, if(d.staff_id = '', s.staff_id, d.staff_id) AS staff_id, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC')) AS as_of,
    if(s.department = '', d.department, s.department) AS department, s.status IN ('on_duty', 'on_break') AS on_shift, s.status = 'on_break' AS on_break,
    d.assigned AS assigned, d.accepted AS accepted, d.completed AS completed, d.released AS released, if(d.accepted > 0, d.response / d.accepted, NULL) AS response_minutes,
    if(d.completed > 0, d.resolution / d.completed, NULL) AS resolution_minutes, if(d.completed > 0, 100 * d.kept / d.completed, NULL) AS on_time_percent,
    d.credits_done AS credits_done, d.ratings AS ratings, if(d.ratings > 0, d.points / d.ratings, NULL) AS rating
FROM (
    SELECT property_id, staff_id, argMaxIf(p.department, (occurred_at, request_id), kind != 'rated') AS department, toInt64(countIf(kind = 'assigned')) AS assigned,
        toInt64(countIf(kind = 'accepted')) AS accepted, toInt64(countIf(kind = 'completed')) AS completed, toInt64(countIf(kind = 'released')) AS released,
        sumIf(minutes, kind = 'accepted') AS response, sumIf(minutes, kind = 'completed') AS resolution, countIf(on_time) AS kept, sumIf(credits, kind = 'completed') AS credits_done,
        toInt64(countIf(kind = 'rated')) AS ratings, sumIf(score, kind = 'rated') AS points
    FROM {database:Identifier}.v_service_steps_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS p WHERE staff_id != '' AND kind IN ('assigned', 'accepted', 'completed', 'released', 'rated') GROUP BY property_id, staff_id
) AS d
FULL JOIN (
    SELECT property_id, staff_id, argMax(h.department, h.started_at) AS department, argMax(h.status, h.started_at) AS status
    FROM {database:Identifier}.v_staff_shifts_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS h WHERE started_at IS NOT NULL GROUP BY property_id, staff_id
) AS s ON s.property_id = d.property_id AND s.staff_id = d.staff_id
COMMENT 'Each member of staff since the log began, as of a moment, counted from the facts, with the columns of v_staff_performance (which its fold counts)';
