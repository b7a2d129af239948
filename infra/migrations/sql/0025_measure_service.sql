-- Service requests at any moment: every time stamp, what follows from them, and the figures.
CREATE OR REPLACE VIEW v_service_requests_at
AS SELECT property_id, request_id, if(steps > 0, tupleElement(s, 1), 'open') AS status, tupleElement(r, 1) AS room_id, tupleElement(r, 2) AS guest_id, tupleElement(r, 3) AS item, tupleElement(r, 4) AS department,
    toInt64(tupleElement(r, 5)) AS priority, tupleElement(r, 6) AS credits, if(steps > 0, tupleElement(s, 2), '') AS staff_id, made_at AS created_at, tupleElement(r, 7) AS accept_by, tupleElement(r, 8) AS resolve_by,
    if(n_assigned > 0, last_assigned, NULL) AS assigned_at, if(n_accepted > 0, first_accepted, NULL) AS accepted_at, if(n_started > 0, last_started, NULL) AS started_at,
    if(n_completed > 0, last_completed, NULL) AS completed_at, if(n_cancelled > 0, last_cancelled, NULL) AS cancelled_at,
    late_accept AND NOT ifNull(accepted_at <= accept_by, false) AS breached_accept, late_resolve AND NOT ifNull(completed_at <= resolve_by, false) AS breached_resolve,
    reopened, if(last_rated > last_reopened, last_score, 0) AS score,
    if(m_assigned = 0, NULL, fromUnixTimestamp64Milli(m_assigned, 'UTC')) AS first_assigned_at, if(m_started = 0, NULL, fromUnixTimestamp64Milli(m_started, 'UTC')) AS first_started_at,
    if(m_released = 0, NULL, fromUnixTimestamp64Milli(m_released, 'UTC')) AS released_at, if(m_reopened = 0, NULL, fromUnixTimestamp64Milli(m_reopened, 'UTC')) AS reopened_at,
    if(m_rated = 0, NULL, fromUnixTimestamp64Milli(m_rated, 'UTC')) AS rated_at, if(m_breached = 0, NULL, fromUnixTimestamp64Milli(m_breached, 'UTC')) AS breached_at,
    n_assigned AS assignments, toInt64(greatest(n_people, 1)) - 1 AS reassigned, n_released AS released,
    dateDiff('millisecond', created_at, accepted_at) / 60000 AS response_minutes,
    -- From each completion to its opening again, where that is the next of the two and it was completed later on.
    arraySum((done, next) -> if(arrayFirst(x -> x >= done, openings) AS again > 0 AND (next = 0 OR again <= next) AND again <= arrayMax(completions), again - done, 0),
        completions, arraySlice(arrayPushBack(completions, 0), 2)) / 60000 AS paused_minutes,
    if(tupleElement(s, 1) = 'completed' AND steps > 0, dateDiff('millisecond', created_at, completed_at) / 60000 - paused_minutes, NULL) AS resolution_minutes,
    dateDiff('millisecond', created_at, resolve_by) / 60000 AS due_minutes
FROM (
    SELECT property_id, request_id, countIf(kind = 'requested') AS asked, minIf(occurred_at, kind = 'requested') AS made_at,
        argMaxIf(tuple(room_id, guest_id, item, department, priority, credits, accept_by, resolve_by), (occurred_at, department, item, room_id, guest_id, priority, credits), kind = 'requested') AS r,
        countIf(place > 0) AS steps, argMaxIf(tuple(if(kind IN ('released', 'reopened'), 'open', toString(kind)), if(kind IN ('released', 'reopened'), '', staff_id)), (occurred_at, place), place > 0) AS s,
        toInt64(countIf(kind = 'assigned')) AS n_assigned, maxIf(occurred_at, kind = 'assigned') AS last_assigned, countIf(kind = 'accepted') AS n_accepted, minIf(occurred_at, kind = 'accepted') AS first_accepted,
        countIf(kind = 'started') AS n_started, maxIf(occurred_at, kind = 'started') AS last_started, countIf(kind = 'completed') AS n_completed, maxIf(occurred_at, kind = 'completed') AS last_completed,
        countIf(kind = 'cancelled') AS n_cancelled, maxIf(occurred_at, kind = 'cancelled') AS last_cancelled,
        countIf(kind = 'breached' AND promise = 'accept') > 0 AS late_accept, countIf(kind = 'breached' AND promise = 'resolve') > 0 AS late_resolve,
        uniqExactIf(fact_id, kind = 'reopened') AS reopened, maxIf(occurred_at, kind = 'reopened') AS last_reopened,
        minIf(ms, kind = 'assigned') AS m_assigned, minIf(ms, kind = 'started') AS m_started, maxIf(ms, kind = 'released') AS m_released,
        maxIf(ms, kind = 'reopened') AS m_reopened, maxIf(ms, kind = 'rated') AS m_rated, minIf(ms, kind = 'breached') AS m_breached, toInt64(countIf(kind = 'released')) AS n_released,
        uniqExactIf(staff_id, kind IN ('assigned', 'accepted') AND staff_id != '') AS n_people, arraySort(groupUniqArrayIf(ms, kind = 'completed')) AS completions,
        arraySort(groupUniqArrayIf(ms, kind = 'reopened')) AS openings, toInt64(argMaxIf(f.score, (occurred_at, f.score), kind = 'rated')) AS last_score, maxIf(occurred_at, kind = 'rated') AS last_rated
    FROM (SELECT *, indexOf(['assigned', 'released', 'accepted', 'started', 'completed', 'cancelled', 'reopened'], toString(kind)) AS place, toUnixTimestamp64Milli(occurred_at) AS ms
        FROM service_facts FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}) AS f
    GROUP BY property_id, request_id
)
WHERE asked > 0
COMMENT 'Every service request as of a moment, with the columns of v_service_requests';

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
    score Int64 COMMENT 'Rating 1 to 5; 0 where none',
    first_assigned_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First assigned',
    first_started_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First started',
    released_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last given back',
    reopened_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last opened again',
    rated_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last rated',
    breached_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First time a promise was found broken',
    assignments Int64 COMMENT 'How often it was assigned',
    reassigned Int64 COMMENT 'How many other people had it after the first',
    released Int64 COMMENT 'How often it was given back',
    response_minutes Nullable(Float64) COMMENT 'Minutes: accepted_at - created_at',
    paused_minutes Float64 COMMENT 'Minutes it lay completed before it was opened again: nobody worked on it. The log knows no other pause',
    resolution_minutes Nullable(Float64) COMMENT 'Minutes: completed_at - created_at - paused_minutes; empty while it is not completed',
    due_minutes Nullable(Float64) COMMENT 'Minutes from created_at to resolve_by: what was promised'
)
AS SELECT
    property_id, request_id, status, room_id, guest_id, item, department, priority, credits, staff_id, created_at,
    accept_by, resolve_by, assigned_at, accepted_at, started_at, completed_at, cancelled_at, breached_accept,
    breached_resolve, reopened, score, first_assigned_at, first_started_at, released_at, reopened_at, rated_at,
    breached_at, assignments, reassigned, released, response_minutes, paused_minutes, resolution_minutes,
    due_minutes
FROM {database:Identifier}.v_service_requests_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every service request with its steps, by the time they were taken, and how long they took';

CREATE OR REPLACE VIEW v_service_queue_at
AS SELECT property_id, request_id, status, room_id, item, department, priority, staff_id, created_at, resolve_by,
    dateDiff('millisecond', created_at, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC'))) / 60000 AS age_minutes,
    dateDiff('millisecond', least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC')), if(status IN ('open', 'assigned'), accept_by, resolve_by)) / 60000 AS minutes_to_breach,
    breached_accept OR breached_resolve OR ifNull(minutes_to_breach < 0, false) AS breached,
    multiIf(age_minutes < 5, '0-5', age_minutes < 15, '5-15', age_minutes < 30, '15-30', age_minutes < 60, '30-60', '60+') AS age_bucket
FROM {database:Identifier}.v_service_requests_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE status NOT IN ('completed', 'cancelled') ORDER BY minutes_to_breach
COMMENT 'The queue as of a moment, ages as of that moment, with the columns of v_service_queue';

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
AS SELECT
    property_id, request_id, status, room_id, item, department, priority, staff_id, created_at, resolve_by,
    age_minutes, minutes_to_breach, breached, age_bucket
FROM {database:Identifier}.v_service_queue_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Service requests not done, oldest promise first; ages as of the moment of the query';

CREATE OR REPLACE VIEW v_service_backlog_at
AS SELECT property_id, department, age_bucket, toInt64(count()) AS requests, toInt64(countIf(q.breached)) AS breached, max(age_minutes) AS oldest_minutes
FROM {database:Identifier}.v_service_queue_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS q GROUP BY property_id, department, age_bucket
COMMENT 'The backlog as of a moment, with the columns of v_service_backlog';

CREATE OR REPLACE VIEW v_service_backlog
(
    property_id String COMMENT 'The hotel',
    department String COMMENT 'Department',
    age_bucket String COMMENT 'Minutes since they were made: 0-5, 5-15, 15-30, 30-60 or 60+',
    requests Int64 COMMENT 'Requests not done; n',
    breached Int64 COMMENT 'of which a promise is broken',
    oldest_minutes Float64 COMMENT 'Age of the oldest, in minutes'
)
AS SELECT
    property_id, department, age_bucket, requests, breached, oldest_minutes
FROM {database:Identifier}.v_service_backlog_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'What is not done, by age';

CREATE OR REPLACE VIEW v_service_load_at
AS SELECT property_id, department, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC')) AS as_of, toInt64(countIf(status = 'open')) AS open, toInt64(countIf(status = 'assigned')) AS assigned,
    toInt64(countIf(status = 'accepted')) AS accepted, toInt64(countIf(status = 'started')) AS started, toInt64(countIf(status = 'completed')) AS completed,
    toInt64(countIf(waiting AND late)) AS breached_open, if(countIf(waiting) > 0, minIf(created_at, waiting), NULL) AS oldest_open_at, sumIf(credits, waiting) AS credits_open
FROM (
    SELECT property_id, department, status, credits, created_at, breached_at IS NOT NULL AS late, status NOT IN ('completed', 'cancelled') AS waiting
    FROM {database:Identifier}.v_service_requests_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')})
)
GROUP BY property_id, department
COMMENT 'The queue of each department as of a moment, counted from the facts, with the columns of v_service_load (which its fold counts)';

CREATE OR REPLACE VIEW v_service_kpis_at
AS SELECT
    q.property_id AS property_id, q.department AS department, toDate32(formatDateTime(q.created_at, '%F', if(z.zone = '', 'UTC', z.zone))) AS day, toInt64(count()) AS requests,
    toInt64(countIf(status = 'completed')) AS completed, toInt64(countIf(status = 'cancelled')) AS cancelled,
    if(countIf(response_minutes IS NOT NULL) > 0, quantileExactIf(0.5)(assumeNotNull(response_minutes), response_minutes IS NOT NULL), NULL) AS response_p50_minutes, if(countIf(response_minutes IS NOT NULL) > 0, quantileExactIf(0.9)(assumeNotNull(response_minutes), response_minutes IS NOT NULL), NULL) AS response_p90_minutes,
    if(countIf(resolution_minutes IS NOT NULL) > 0, quantileExactIf(0.5)(assumeNotNull(resolution_minutes), resolution_minutes IS NOT NULL), NULL) AS resolution_p50_minutes, if(countIf(resolution_minutes IS NOT NULL) > 0, quantileExactIf(0.9)(assumeNotNull(resolution_minutes), resolution_minutes IS NOT NULL), NULL) AS resolution_p90_minutes,
    toInt64(countIf(status = 'completed' AND ifNull(completed_at <= resolve_by, true))) AS on_time,
    if(completed + breached_open > 0, 100 * on_time / (completed + breached_open), NULL) AS sla_percent, sum(q.reopened) AS reopened, toInt64(countIf(score > 0)) AS ratings,
    if(ratings > 0, 100 * countIf(score >= 4) / ratings, NULL) AS csat_percent, toInt64(countIf(response_minutes IS NOT NULL)) AS response_n,
    toInt64(countIf(status NOT IN ('completed', 'cancelled') AND (breached_resolve OR ifNull(resolve_by < least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC')), false)))) AS breached_open,
    toInt64(countIf(q.reopened > 0)) AS requests_reopened, if(completed_once > 0, 100 * requests_reopened / completed_once, NULL) AS reopen_percent,
    toInt64(countIf(completed_at IS NOT NULL)) AS completed_once, toInt64(countIf(q.reassigned > 0)) AS requests_reassigned,
    if(assigned_once > 0, 100 * requests_reassigned / assigned_once, NULL) AS reassign_percent,
    toInt64(countIf(first_assigned_at IS NOT NULL OR accepted_at IS NOT NULL)) AS assigned_once, toInt64(countIf(ifNull(accepted_at <= accept_by, false))) AS accepted_on_time,
    sumIf(q.credits, status = 'completed') AS credits
FROM {database:Identifier}.v_service_requests_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS q LEFT JOIN v_time_zones AS z ON z.property_id = q.property_id
GROUP BY property_id, department, day
COMMENT 'The figures of service as of a moment, with the columns of v_service_kpis';

CREATE OR REPLACE VIEW v_service_kpis
(
    property_id String COMMENT 'The hotel',
    department String COMMENT 'Department',
    day Date32 COMMENT 'Day where the hotel is',
    requests Int64 COMMENT 'Requests made',
    completed Int64 COMMENT 'of which completed',
    cancelled Int64 COMMENT 'of which cancelled',
    response_p50_minutes Nullable(Float64) COMMENT 'Median of response_minutes (made to accepted), n is response_n',
    response_p90_minutes Nullable(Float64) COMMENT '90 % took no longer (p90), same n',
    resolution_p50_minutes Nullable(Float64) COMMENT 'Median of resolution_minutes (made to completed, less paused), n is completed',
    resolution_p90_minutes Nullable(Float64) COMMENT '90 % took no longer (p90), same n',
    on_time Int64 COMMENT 'Completed by resolve_by',
    sla_percent Nullable(Float64) COMMENT '100 x on_time / (completed + breached_open)',
    reopened Int64 COMMENT 'How often one of them was opened again',
    ratings Int64 COMMENT 'Ratings; n of csat_percent',
    csat_percent Nullable(Float64) COMMENT '100 x ratings of 4 or 5 / ratings',
    response_n Int64 COMMENT 'Requests accepted; n of the response times',
    breached_open Int64 COMMENT 'Not done, and the promise to complete is broken',
    requests_reopened Int64 COMMENT 'Requests opened again at least once',
    reopen_percent Nullable(Float64) COMMENT '100 x requests_reopened / requests ever completed',
    completed_once Int64 COMMENT 'Requests ever completed; n of reopen_percent',
    requests_reassigned Int64 COMMENT 'Requests that went on to somebody else at least once',
    reassign_percent Nullable(Float64) COMMENT '100 x requests_reassigned / requests ever assigned or accepted',
    assigned_once Int64 COMMENT 'Requests ever assigned or accepted; n of reassign_percent',
    accepted_on_time Int64 COMMENT 'Accepted by accept_by',
    credits Float64 COMMENT 'Work in the completed ones'
)
AS SELECT
    property_id, department, day, requests, completed, cancelled, response_p50_minutes, response_p90_minutes,
    resolution_p50_minutes, resolution_p90_minutes, on_time, sla_percent, reopened, ratings, csat_percent,
    response_n, breached_open, requests_reopened, reopen_percent, completed_once, requests_reassigned,
    reassign_percent, assigned_once, accepted_on_time, credits
FROM {database:Identifier}.v_service_kpis_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'The figures of service per hotel, department and day of the request where the hotel is, with their formulas and n. Source: v_service_requests';
