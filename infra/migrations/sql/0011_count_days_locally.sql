-- A day is the hotel's, not UTC's: in Tokyo it ends at 15:00 UTC. A function's time zone may not differ by row, but
-- for formatDateTime's.
CREATE OR REPLACE VIEW v_time_zones
(
    property_id String COMMENT 'The hotel',
    zone String COMMENT 'Its IANA time zone; UTC where its settings name none that exists'
)
AS SELECT property_id, zone
FROM (
    SELECT property_id, argMaxIf(t.time_zone, _offset, t.time_zone != '') AS said, if(said IN (SELECT time_zone FROM system.time_zones), said, 'UTC') AS zone
    FROM property_settings AS t GROUP BY property_id
)
COMMENT 'In which time zone the days of each hotel are counted';

CREATE OR REPLACE VIEW v_on_the_books_at
(
    property_id String COMMENT 'The hotel',
    month Date32 COMMENT 'First day of the month the nights lie in',
    room_nights Int64 COMMENT 'Nights booked on or before that day and neither cancelled nor no-show by then',
    room_revenue Decimal(38, 4) COMMENT 'Those nights at the rate booked'
)
AS SELECT property_id, month, room_nights, room_revenue
FROM (
    SELECT n.property_id, toDate32(toStartOfMonth(n.night)) AS month, count() AS room_nights, sum(n.rate) AS room_revenue
    FROM (SELECT r.property_id AS property_id, r.rate AS rate, addDays(assumeNotNull(r.arrival), arrayJoin(range(toUInt64(least(greatest(r.nights, 0), 1000))))) AS night
        FROM v_reservations AS r
        LEFT JOIN v_time_zones AS z ON z.property_id = r.property_id
        WHERE r.booked_on <= {as_of:Date32}
            AND ifNull(toDate32(formatDateTime(r.cancelled_at, '%F', if(z.zone = '', 'UTC', z.zone))) > {as_of:Date32}, true)
            AND ifNull(toDate32(formatDateTime(r.no_show_at, '%F', if(z.zone = '', 'UTC', z.zone))) > {as_of:Date32}, true)) AS n
    GROUP BY n.property_id, month
)
COMMENT 'What was booked as of a day where the hotel is, per month of the nights: v_on_the_books_at(as_of = \'2016-07-01\')';

CREATE OR REPLACE VIEW v_service_kpis
(
    property_id String COMMENT 'The hotel',
    department String COMMENT 'Department',
    day Date32 COMMENT 'Day where the hotel is',
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
    SELECT q.property_id AS property_id, q.department AS department, toDate32(formatDateTime(q.created_at, '%F', if(z.zone = '', 'UTC', z.zone))) AS day, count() AS requests, countIf(status = 'completed') AS completed, countIf(status = 'cancelled') AS cancelled,
        if(countIf(accepted_at IS NOT NULL) > 0, quantileExactIf(0.5)(toFloat64(dateDiff('millisecond', created_at, assumeNotNull(accepted_at))) / 60000, accepted_at IS NOT NULL), NULL) AS response_p50_minutes,
        if(countIf(accepted_at IS NOT NULL) > 0, quantileExactIf(0.9)(toFloat64(dateDiff('millisecond', created_at, assumeNotNull(accepted_at))) / 60000, accepted_at IS NOT NULL), NULL) AS response_p90_minutes,
        if(completed > 0, quantileExactIf(0.5)(toFloat64(dateDiff('millisecond', created_at, assumeNotNull(completed_at))) / 60000, status = 'completed'), NULL) AS resolution_p50_minutes,
        if(completed > 0, quantileExactIf(0.9)(toFloat64(dateDiff('millisecond', created_at, assumeNotNull(completed_at))) / 60000, status = 'completed'), NULL) AS resolution_p90_minutes,
        countIf(status = 'completed' AND ifNull(completed_at <= resolve_by, true)) AS on_time,
        if(completed + countIf(status NOT IN ('completed', 'cancelled') AND breached_resolve) > 0, 100 * on_time / (completed + countIf(status NOT IN ('completed', 'cancelled') AND breached_resolve)), NULL) AS sla_percent,
        sum(q.reopened) AS reopened, countIf(score > 0) AS ratings, if(ratings > 0, 100 * countIf(score >= 4) / ratings, NULL) AS csat_percent
    FROM v_service_requests AS q LEFT JOIN v_time_zones AS z ON z.property_id = q.property_id
    GROUP BY property_id, department, day
)
COMMENT 'Service per hotel, department and day of the request';
