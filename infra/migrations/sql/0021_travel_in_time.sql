-- The house at any moment. v_NAME_at(as_of, known): what had happened by `as_of`, of what the log held at `known`.
-- The plain view is the same to the end of time, so both say the same; the engine keeps no columns of a view with
-- parameters, so they are described there. Another view's moment is handed on with the database's name: a view's own
-- database is not looked at for a view with parameters.
CREATE OR REPLACE VIEW v_rooms_now_at
AS SELECT
    k.property_id AS property_id, k.room_id AS room_id, s.room_type AS room_type, s.floor AS floor, s.zone_id AS zone_id,
    if(c.front_office = '', 'vacant', c.front_office) AS front_office, if(c.housekeeping = '', 'clean', c.housekeeping) AS housekeeping,
    if(c.block = '', 'none', c.block) AS block, if(c.guest_service = '', 'none', c.guest_service) AS guest_service,
    if(c.seen = '', 'unknown', c.seen) AS seen, if(c.discrepancy = '', 'none', c.discrepancy) AS discrepancy,
    c.discrepancy_reason AS discrepancy_reason, if(c.n > 0, c.changed_at, NULL) AS changed_at
FROM (
    SELECT property_id, room_id FROM room_settings WHERE logged_at <= {known:DateTime64(3, 'UTC')}
    UNION DISTINCT
    SELECT property_id, room_id FROM room_status_changes WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
) AS k
LEFT JOIN (
    SELECT property_id, room_id, argMax(tuple(t.room_type, toInt64(t.floor), t.zone_id, t.removed), t._offset) AS v,
        tupleElement(v, 1) AS room_type, tupleElement(v, 2) AS floor, tupleElement(v, 3) AS zone_id, tupleElement(v, 4) AS removed
    FROM room_settings AS t WHERE logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, room_id
) AS s ON s.property_id = k.property_id AND s.room_id = k.room_id
LEFT JOIN (
    SELECT property_id, room_id, count() AS n, max(occurred_at) AS changed_at,
        argMaxIf(value, (occurred_at, value), dimension = 'front_office') AS front_office,
        argMaxIf(value, (occurred_at, value), dimension = 'housekeeping') AS housekeeping,
        argMaxIf(value, (occurred_at, value), dimension = 'block') AS block,
        argMaxIf(value, (occurred_at, value), dimension = 'guest_service') AS guest_service,
        argMaxIf(value, (occurred_at, value), dimension = 'seen') AS seen,
        argMaxIf(value, (_offset, _fact), dimension = 'discrepancy') AS discrepancy,
        argMaxIf(reason, (_offset, _fact), dimension = 'discrepancy') AS discrepancy_reason
    FROM room_status_changes WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, room_id
) AS c ON c.property_id = k.property_id AND c.room_id = k.room_id
WHERE NOT s.removed
COMMENT 'Each room at a moment: v_rooms_now_at(as_of = \'2026-11-24 14:05:00\', known = now64())';

CREATE OR REPLACE VIEW v_rooms_now
(
    property_id String COMMENT 'The hotel',
    room_id String COMMENT 'The room',
    room_type String COMMENT 'Room type',
    floor Int64 COMMENT 'Floor',
    zone_id String COMMENT 'Zone',
    front_office String COMMENT 'vacant or occupied',
    housekeeping String COMMENT 'clean, dirty, pickup or inspected',
    block String COMMENT 'none, out_of_order or out_of_service',
    guest_service String COMMENT 'none, do_not_disturb, make_up_room or service_declined',
    seen String COMMENT 'What housekeeping saw: unknown, vacant or occupied',
    discrepancy String COMMENT 'none, sleep, skip, person, double_occupancy, blocked or not_ready',
    discrepancy_reason String COMMENT 'The contradiction, as a person would say it',
    changed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Latest change'
)
AS SELECT
    property_id, room_id, room_type, floor, zone_id, front_office, housekeeping, block, guest_service, seen,
    discrepancy, discrepancy_reason, changed_at
FROM {database:Identifier}.v_rooms_now_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Each room now: its dimensions, each by its latest word, and what of them contradicts';

CREATE OR REPLACE VIEW v_reservations_at
AS SELECT f.property_id AS property_id, f.reservation_id AS reservation_id,
    multiIf(f.went > 0, 'checked_out', f.came > 0, 'in_house', f.missed > 0, 'no_show', f.dropped > 0, 'cancelled', 'made') AS status,
    m.arrival AS arrival, m.departure AS departure, ifNull(toInt64(m.departure) - toInt64(m.arrival), 0) AS nights, m.booked_on AS booked_on,
    m.room_type AS room_type, f.last_room AS room_id, f.last_guest AS guest_id, m.rate AS rate, m.currency AS currency,
    toInt64(m.adults) AS adults, toInt64(m.children) AS children, toInt64(m.babies) AS babies, adults + children + babies AS guests,
    m.segment AS segment, m.channel AS channel, m.country AS country, m.complimentary AS complimentary,
    if(f.made > 0, f.first_made, NULL) AS made_at, if(f.dropped > 0, f.first_dropped, NULL) AS cancelled_at, if(f.missed > 0, f.first_missed, NULL) AS no_show_at,
    if(f.came > 0, f.first_came, NULL) AS checked_in_at, if(f.went > 0, f.last_went, NULL) AS checked_out_at
FROM (
    SELECT property_id, reservation_id,
        countIf(kind = 'reservation_made') AS made, minIf(occurred_at, kind = 'reservation_made') AS first_made,
        countIf(kind = 'reservation_cancelled') AS dropped, minIf(occurred_at, kind = 'reservation_cancelled') AS first_dropped,
        countIf(kind = 'reservation_no_show') AS missed, minIf(occurred_at, kind = 'reservation_no_show') AS first_missed,
        countIf(kind = 'checked_in') AS came, minIf(occurred_at, kind = 'checked_in') AS first_came,
        countIf(kind = 'checked_out') AS went, maxIf(occurred_at, kind = 'checked_out') AS last_went,
        substring(maxIf(concat(place, room_id), room_id != ''), 17) AS last_room, substring(maxIf(concat(place, guest_id), guest_id != ''), 17) AS last_guest
    FROM (
        SELECT property_id, reservation_id, kind, occurred_at, room_id, guest_id, leftPad(toString(toUnixTimestamp64Milli(occurred_at)), 16, '0') AS place
            FROM reservation_facts WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
        UNION ALL
        SELECT property_id, reservation_id, kind, occurred_at, room_id, guest_id, leftPad(toString(toUnixTimestamp64Milli(occurred_at)), 16, '0') AS place
            FROM stay_facts WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
    )
    GROUP BY property_id, reservation_id
) AS f
LEFT JOIN (
    SELECT property_id, reservation_id, arrival, departure, booked_on, room_type, rate, currency, adults, children, babies, segment, channel, country, complimentary
    FROM reservation_facts WHERE kind = 'reservation_made' AND occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
    ORDER BY occurred_at DESC, departure DESC, arrival DESC, room_type DESC, adults DESC, children DESC, babies DESC, currency DESC, complimentary DESC,
        rate DESC, booked_on DESC, segment DESC, channel DESC, country DESC LIMIT 1 BY property_id, reservation_id
) AS m ON m.property_id = f.property_id AND m.reservation_id = f.reservation_id
COMMENT 'Every reservation and its state at a moment, with the columns of v_reservations';

CREATE OR REPLACE VIEW v_reservations
(
    property_id String COMMENT 'The hotel',
    reservation_id String COMMENT 'The reservation',
    status String COMMENT 'made, cancelled, no_show, in_house or checked_out: the highest in this order',
    arrival Nullable(Date32) COMMENT 'Day of arrival',
    departure Nullable(Date32) COMMENT 'Day of departure',
    nights Int64 COMMENT 'Nights booked; 0 is day use',
    booked_on Nullable(Date32) COMMENT 'Day it was booked',
    room_type String COMMENT 'Room type',
    room_id String COMMENT 'The room, by the latest word; empty where none',
    guest_id String COMMENT 'The guest; empty where not said',
    rate Decimal(38, 4) COMMENT 'Price of one night',
    currency String COMMENT 'ISO 4217 code',
    adults Int64 COMMENT 'Adults',
    children Int64 COMMENT 'Children',
    babies Int64 COMMENT 'Babies',
    guests Int64 COMMENT 'Adults, children and babies',
    segment String COMMENT 'Market segment',
    channel String COMMENT 'Distribution channel',
    country String COMMENT 'Country of origin',
    complimentary Bool COMMENT 'Occupied but not sold',
    made_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was made',
    cancelled_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was cancelled',
    no_show_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was set to no-show',
    checked_in_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the guest came',
    checked_out_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the guest left'
)
AS SELECT
    property_id, reservation_id, status, arrival, departure, nights, booked_on, room_type, room_id, guest_id, rate,
    currency, adults, children, babies, guests, segment, channel, country, complimentary, made_at, cancelled_at,
    no_show_at, checked_in_at, checked_out_at
FROM {database:Identifier}.v_reservations_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every reservation and its state: a lattice, so the order of arrival does not matter';

CREATE OR REPLACE VIEW v_stays_at
AS SELECT
    r.property_id AS property_id, r.reservation_id AS reservation_id, r.room_id AS room_id, r.guest_id AS guest_id, r.arrival AS arrival,
    r.departure AS departure, r.nights AS nights, r.nights = 0 AS day_use, r.guests AS guests, r.complimentary AS complimentary,
    r.checked_in_at AS checked_in_at, r.checked_out_at AS checked_out_at, c.room_revenue AS room_revenue, c.other_revenue AS other_revenue
FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS r
LEFT JOIN (
    SELECT property_id, reservation_id, sumIf(amount, charge_kind = 'room') AS room_revenue, sumIf(amount, charge_kind != 'room') AS other_revenue
    FROM charges FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, reservation_id
) AS c ON c.property_id = r.property_id AND c.reservation_id = r.reservation_id
WHERE r.status IN ('in_house', 'checked_out')
COMMENT 'Every stay that had begun at a moment, with the columns of v_stays';

CREATE OR REPLACE VIEW v_stays
(
    property_id String COMMENT 'The hotel',
    reservation_id String COMMENT 'The reservation',
    room_id String COMMENT 'The room',
    guest_id String COMMENT 'The guest',
    arrival Nullable(Date32) COMMENT 'Day of arrival booked',
    departure Nullable(Date32) COMMENT 'Day of departure booked',
    nights Int64 COMMENT 'Nights booked',
    day_use Bool COMMENT 'Left on the day of arrival as booked',
    guests Int64 COMMENT 'Guests',
    complimentary Bool COMMENT 'Occupied but not sold',
    checked_in_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the guest came',
    checked_out_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the guest left; empty while in house',
    room_revenue Decimal(38, 4) COMMENT 'Room charges',
    other_revenue Decimal(38, 4) COMMENT 'Other charges'
)
AS SELECT
    property_id, reservation_id, room_id, guest_id, arrival, departure, nights, day_use, guests, complimentary,
    checked_in_at, checked_out_at, room_revenue, other_revenue
FROM {database:Identifier}.v_stays_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every stay that began, with what was charged';

CREATE OR REPLACE VIEW v_business_dates_at
AS SELECT property_id, business_date, opened_at, nullIf(next_at, toDateTime64(0, 3, 'UTC')) AS closed_at,
    dateDiff('millisecond', opened_at, closed_at) / 3600000 AS hours
FROM (
    SELECT property_id, business_date, opened_at,
        min(opened_at) OVER (PARTITION BY property_id ORDER BY business_date ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_at
    FROM (
        SELECT property_id, opened AS business_date, min(occurred_at) AS opened_at
        FROM night_audits WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, opened
    )
)
WHERE closed_at IS NULL OR closed_at > opened_at
COMMENT 'Business dates as they were opened and closed by a moment, with the columns of v_business_dates';

CREATE OR REPLACE VIEW v_business_dates
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'The business date',
    opened_at DateTime64(3, 'UTC') COMMENT 'When the night audit opened it',
    closed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the next night audit closed it; empty: it is the current one',
    hours Nullable(Float64) COMMENT 'Hours from opened_at to closed_at: 23 or 25 where the clocks change, another number where the audit was early or late'
)
AS SELECT
    property_id, business_date, opened_at, closed_at, hours
FROM {database:Identifier}.v_business_dates_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Each business date that a night audit opened: it rolls at the audit, not at midnight. Before the first audit the calendar of the hotel counts';

CREATE OR REPLACE VIEW v_capacity_at
AS SELECT property_id, if(place = 1, toDate32('1900-01-01'), day) AS from_date,
    leadInFrame(day, 1, toDate32('2299-12-31')) OVER (PARTITION BY property_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS to_date, rooms AS capacity
FROM (
    SELECT property_id, day, rooms, row_number() OVER (PARTITION BY property_id ORDER BY day) AS place
    FROM (
        SELECT property_id, day, argMax(if(told > 0, told, listed), place) AS rooms
        FROM (
            SELECT property_id, day, place, sum(more) OVER w AS listed, ifNull(last_value(said) IGNORE NULLS OVER w, 0) AS told
            FROM (
                SELECT t.property_id AS property_id, toDate32(formatDateTime(t.logged_at, '%F', if(z.zone = '', 'UTC', z.zone))) AS day, t._offset AS place, toNullable(toInt64(t.capacity)) AS said, toInt64(0) AS more
                FROM property_settings AS t FINAL LEFT JOIN v_time_zones AS z ON z.property_id = t.property_id WHERE t.logged_at <= {known:DateTime64(3, 'UTC')} AND NOT t.removed
                UNION ALL
                SELECT t.property_id, toDate32(formatDateTime(t.logged_at, '%F', if(z.zone = '', 'UTC', z.zone))), t._offset, NULL, toInt64(NOT t.removed) - t.before
                FROM (
                    SELECT property_id, logged_at, removed, _offset, lagInFrame(toInt64(NOT removed), 1, toInt64(0)) OVER
                        (PARTITION BY property_id, room_id ORDER BY _offset ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
                    FROM room_settings FINAL WHERE logged_at <= {known:DateTime64(3, 'UTC')}
                ) AS t
                LEFT JOIN v_time_zones AS z ON z.property_id = t.property_id
            )
            WINDOW w AS (PARTITION BY property_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        )
        GROUP BY property_id, day
    )
    WHERE rooms > 0
)
WHERE place = 1 OR toDateTime64(day, 3, 'UTC') <= {as_of:DateTime64(3, 'UTC')}
COMMENT 'The inventory by day, of the settings known, with the columns of v_capacity';

CREATE OR REPLACE VIEW v_capacity
(
    property_id String COMMENT 'The hotel',
    from_date Date32 COMMENT 'First day (where the hotel is) it holds for; the first word holds for all days before it, too',
    to_date Date32 COMMENT 'First day it does not hold for any more; 2299-12-31: it still holds',
    capacity Int64 COMMENT 'Rooms of the inventory at the end of these days: the number set, or the rooms listed'
)
AS SELECT
    property_id, from_date, to_date, capacity
FROM {database:Identifier}.v_capacity_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'How many rooms each hotel had on which days, as its settings stood then: a hotel that grew keeps its old percentages';

CREATE OR REPLACE VIEW v_room_blocks_at
AS SELECT property_id, room_id, value AS block, reason, occurred_at AS blocked_at, until, released_at, from_date, to_date,
    value = 'out_of_order' AND dateDiff('day', blocked_at, greatest(ifNull(released_at, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC'))), if(released_at IS NULL, ifNull(until, occurred_at), occurred_at))) >= 30 AS closure
FROM (
    SELECT property_id, room_id, value, reason, occurred_at, until, date AS from_date,
        leadInFrame(toNullable(occurred_at)) OVER w AS released_at, leadInFrame(date, 1, toDate32('2299-12-31')) OVER w AS to_date
    FROM (
        SELECT f.property_id AS property_id, f.room_id AS room_id, f.value AS value, f.reason AS reason, f.occurred_at AS occurred_at, f.until AS until, f.before AS before,
            if(b.property_id != '', b.business_date, toDate32(formatDateTime(f.occurred_at, '%F', if(z.zone = '', 'UTC', z.zone)))) AS date
        FROM (
            SELECT property_id, room_id, value, reason, occurred_at, until, lagInFrame(toString(value), 1, 'none') OVER
                (PARTITION BY property_id, room_id ORDER BY occurred_at, value ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
            FROM room_status_changes FINAL WHERE dimension = 'block' AND occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
        ) AS f
        ASOF LEFT JOIN {database:Identifier}.v_business_dates_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS b ON b.property_id = f.property_id AND f.occurred_at >= b.opened_at
        LEFT JOIN v_time_zones AS z ON z.property_id = f.property_id
    )
    WHERE value != before
    WINDOW w AS (PARTITION BY property_id, room_id ORDER BY occurred_at, value ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
WHERE value != 'none'
COMMENT 'Rooms taken out by a moment, with the columns of v_room_blocks';

CREATE OR REPLACE VIEW v_room_blocks
(
    property_id String COMMENT 'The hotel',
    room_id String COMMENT 'The room',
    block String COMMENT 'out_of_order (not sellable) or out_of_service (sellable)',
    reason String COMMENT 'Why',
    blocked_at DateTime64(3, 'UTC') COMMENT 'Since when',
    until Nullable(DateTime64(3, 'UTC')) COMMENT 'Until when it is planned; empty where not said',
    released_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended; empty while it stands',
    from_date Date32 COMMENT 'Business date on which it began',
    to_date Date32 COMMENT 'First business date at whose end it was over; 2299-12-31 while it stands',
    closure Bool COMMENT 'Out of order for 30 days or more, as planned or as it was: only then the room leaves the inventory (USALI)'
)
AS SELECT
    property_id, room_id, block, reason, blocked_at, until, released_at, from_date, to_date, closure
FROM {database:Identifier}.v_room_blocks_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every time a room was out of order or out of service';
