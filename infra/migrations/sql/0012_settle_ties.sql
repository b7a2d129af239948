-- The order in which facts were heard has no part in any of these: latest by their own time, at the same time the greater.
-- A night is sold to who stays it: day use and who did not come pay, but fill no room. Discrepancies stand in the log's order.

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
AS SELECT property_id, room_id, room_type, floor, zone_id, front_office, housekeeping, block, guest_service, seen, discrepancy, discrepancy_reason, changed_at
FROM (
    SELECT k.property_id AS property_id, k.room_id AS room_id, s.room_type AS room_type, s.floor AS floor, s.zone_id AS zone_id,
        if(c.front_office = '', 'vacant', c.front_office) AS front_office, if(c.housekeeping = '', 'clean', c.housekeeping) AS housekeeping,
        if(c.block = '', 'none', c.block) AS block, if(c.guest_service = '', 'none', c.guest_service) AS guest_service,
        if(c.seen = '', 'unknown', c.seen) AS seen, if(c.discrepancy = '', 'none', c.discrepancy) AS discrepancy, c.discrepancy_reason AS discrepancy_reason, if(c.n > 0, c.changed_at, NULL) AS changed_at
    FROM (SELECT property_id, room_id FROM room_settings UNION DISTINCT SELECT property_id, room_id FROM room_status_changes) AS k
    LEFT JOIN (SELECT property_id, room_id, argMax(tuple(t.room_type, toInt64(t.floor), t.zone_id, t.removed), t._offset) AS v,
            tupleElement(v, 1) AS room_type, tupleElement(v, 2) AS floor, tupleElement(v, 3) AS zone_id, tupleElement(v, 4) AS removed FROM room_settings AS t GROUP BY property_id, room_id) AS s
        ON s.property_id = k.property_id AND s.room_id = k.room_id
    LEFT JOIN (SELECT property_id, room_id, count() AS n, max(occurred_at) AS changed_at,
            argMaxIf(value, (occurred_at, value), dimension = 'front_office') AS front_office,
            argMaxIf(value, (occurred_at, value), dimension = 'housekeeping') AS housekeeping,
            argMaxIf(value, (occurred_at, value), dimension = 'block') AS block,
            argMaxIf(value, (occurred_at, value), dimension = 'guest_service') AS guest_service,
            argMaxIf(value, (occurred_at, value), dimension = 'seen') AS seen,
            argMaxIf(value, (_offset, _fact), dimension = 'discrepancy') AS discrepancy, argMaxIf(reason, (_offset, _fact), dimension = 'discrepancy') AS discrepancy_reason
        FROM room_status_changes GROUP BY property_id, room_id) AS c ON c.property_id = k.property_id AND c.room_id = k.room_id
    WHERE NOT s.removed
)
COMMENT 'Each room now: its dimensions, each by its latest word, and what of them contradicts';

CREATE OR REPLACE VIEW v_discrepancies
(
    property_id String COMMENT 'The hotel',
    room_id String COMMENT 'The room',
    kind String COMMENT 'sleep, skip, person, double_occupancy, blocked or not_ready',
    reason String COMMENT 'The contradiction, as a person would say it',
    found_at DateTime64(3, 'UTC') COMMENT 'When what contradicts happened',
    gone_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was set right; empty while it stands'
)
AS SELECT property_id, room_id, kind, reason, found_at, gone_at
FROM (
    SELECT property_id, room_id, value AS kind, reason, occurred_at AS found_at,
        leadInFrame(toNullable(occurred_at)) OVER (PARTITION BY property_id, room_id ORDER BY _offset, _fact ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS gone_at
    FROM room_status_changes FINAL WHERE dimension = 'discrepancy'
)
WHERE kind != 'none'
COMMENT 'Every contradiction found in a room: front office against housekeeping, two reservations, a blocked or dirty room';

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
AS SELECT property_id, reservation_id, status, arrival, departure, nights, booked_on, room_type, room_id, guest_id, rate, currency, adults, children, babies, guests, segment, channel, country, complimentary, made_at, cancelled_at, no_show_at, checked_in_at, checked_out_at
FROM (
    SELECT f.property_id AS property_id, f.reservation_id AS reservation_id,
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
            SELECT property_id, reservation_id, kind, occurred_at, room_id, guest_id, leftPad(toString(toUnixTimestamp64Milli(occurred_at)), 16, '0') AS place FROM reservation_facts
            UNION ALL
            SELECT property_id, reservation_id, kind, occurred_at, room_id, guest_id, leftPad(toString(toUnixTimestamp64Milli(occurred_at)), 16, '0') AS place FROM stay_facts
        )
        GROUP BY property_id, reservation_id
    ) AS f
    LEFT JOIN (
        SELECT property_id, reservation_id, arrival, departure, booked_on, room_type, rate, currency, adults, children, babies, segment, channel, country, complimentary
        FROM reservation_facts WHERE kind = 'reservation_made'
        ORDER BY occurred_at DESC, departure DESC, arrival DESC, room_type DESC, adults DESC, children DESC, babies DESC, currency DESC, complimentary DESC,
            rate DESC, booked_on DESC, segment DESC, channel DESC, country DESC LIMIT 1 BY property_id, reservation_id
    ) AS m ON m.property_id = f.property_id AND m.reservation_id = f.reservation_id
)
COMMENT 'Every reservation and its state: a lattice, so the order of arrival does not matter';

CREATE OR REPLACE VIEW v_occupancy_daily
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date',
    rooms_occupied Int64 COMMENT 'Rooms occupied overnight: reservations with a room charge of the date, less day use and who did not come',
    rooms_complimentary Int64 COMMENT 'of which complimentary',
    rooms_sold Int64 COMMENT 'Occupied less complimentary',
    guests_in_house Int64 COMMENT 'Guests of the rooms occupied',
    room_revenue Decimal(38, 4) COMMENT 'Room charges of the date',
    other_revenue Decimal(38, 4) COMMENT 'Other charges of the date',
    arrivals Int64 COMMENT 'Overnight stays that arrived, as booked',
    departures Int64 COMMENT 'Overnight stays that left, as booked',
    stayovers Int64 COMMENT 'Stays in house that neither arrived nor leave',
    day_use Int64 COMMENT 'Stays without a night',
    no_shows Int64 COMMENT 'No-shows of the arrivals of the date',
    gross_pickup_nights Int64 COMMENT 'Nights of the reservations booked on the date, cancelled ones too',
    capacity Int64 COMMENT 'Rooms of the inventory',
    occupancy_usali Nullable(Float64) COMMENT 'Percent: sold of the inventory, rooms out of order not deducted',
    adr Nullable(Float64) COMMENT 'Room revenue a room sold',
    revpar Nullable(Float64) COMMENT 'Room revenue a room of the inventory'
)
AS SELECT property_id, business_date, rooms_occupied, rooms_complimentary, rooms_sold, guests_in_house, room_revenue, other_revenue, arrivals, departures, stayovers, day_use, no_shows, gross_pickup_nights, capacity, occupancy_usali, adr, revpar
FROM (
    SELECT d.property_id AS property_id, d.business_date AS business_date, sum(d.occupied) AS rooms_occupied, sum(d.free) AS rooms_complimentary,
        rooms_occupied - rooms_complimentary AS rooms_sold, sum(d.guests) AS guests_in_house, sum(d.room) AS room_revenue, sum(d.other) AS other_revenue,
        sum(d.came) AS arrivals, sum(d.went) AS departures, sum(d.stayed) AS stayovers, sum(d.used) AS day_use, sum(d.missed) AS no_shows,
        sum(d.picked) AS gross_pickup_nights, any(p.capacity) AS capacity,
        if(capacity > 0, 100 * rooms_sold / capacity, NULL) AS occupancy_usali, if(rooms_sold > 0, toFloat64(room_revenue) / rooms_sold, NULL) AS adr,
        if(capacity > 0, toFloat64(room_revenue) / capacity, NULL) AS revpar
    FROM (
        SELECT n.property_id AS property_id, n.business_date AS business_date, toInt64(n.night AND NOT r.unsold) AS occupied, toInt64(n.night AND NOT r.unsold AND r.complimentary) AS free,
            if(n.night AND NOT r.unsold, r.guests, 0) AS guests, n.room AS room, n.other AS other,
            toInt64(0) AS came, toInt64(0) AS went, toInt64(0) AS stayed, toInt64(0) AS used, toInt64(0) AS missed, toInt64(0) AS picked
        FROM (SELECT property_id, business_date, reservation_id, countIf(charge_kind = 'room') > 0 AS night,
                sumIf(amount, charge_kind = 'room') AS room, sumIf(amount, charge_kind != 'room') AS other
            FROM charges FINAL GROUP BY property_id, business_date, reservation_id) AS n
        LEFT JOIN (SELECT property_id, reservation_id, complimentary, guests, status IN ('cancelled', 'no_show') OR (arrival IS NOT NULL AND nights <= 0) AS unsold FROM v_reservations) AS r
            ON r.property_id = n.property_id AND r.reservation_id = n.reservation_id
        UNION ALL
        SELECT property_id, tupleElement(part, 1), 0, 0, 0, 0, 0, tupleElement(part, 2), tupleElement(part, 3), tupleElement(part, 4), tupleElement(part, 5),
            tupleElement(part, 6), tupleElement(part, 7)
        FROM (
            -- Of each reservation: (date, came, went, stayed, day use, missed, nights picked up)
            SELECT property_id, arrayJoin(arrayConcat(
                if(stay AND known, [(day, toInt64(nights > 0), toInt64(0), toInt64(0), toInt64(nights = 0), toInt64(0), toInt64(0))], []),
                if(status = 'no_show' AND known, [(day, toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(1), toInt64(0))], []),
                if(status = 'checked_out' AND nights > 0, [(toDate32(addDays(day, nights)), toInt64(0), toInt64(1), toInt64(0), toInt64(0), toInt64(0), toInt64(0))], []),
                if(stay AND nights > 1, arrayMap(night -> (toDate32(addDays(day, night)), toInt64(0), toInt64(0), toInt64(1), toInt64(0), toInt64(0), toInt64(0)),
                    range(1, toUInt64(greatest(1, least(nights, 1000))))), []),
                if(booked_on IS NOT NULL, [(assumeNotNull(booked_on), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), nights)], [])
            )) AS part
            FROM (SELECT property_id, status, nights, booked_on, arrival IS NOT NULL AS known, assumeNotNull(arrival) AS day, status IN ('in_house', 'checked_out') AS stay
                FROM v_reservations)
        )
    ) AS d
    LEFT JOIN v_properties AS p ON p.property_id = d.property_id
    GROUP BY d.property_id, d.business_date
)
COMMENT 'Each business date of each hotel: rooms, guests, revenue and the three ratios';

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
    SELECT property_id, request_id, if(steps > 0, tupleElement(s, 1), 'open') AS status, tupleElement(r, 1) AS room_id, tupleElement(r, 2) AS guest_id, tupleElement(r, 3) AS item, tupleElement(r, 4) AS department,
        toInt64(tupleElement(r, 5)) AS priority, tupleElement(r, 6) AS credits, if(steps > 0, tupleElement(s, 2), '') AS staff_id, made_at AS created_at, tupleElement(r, 7) AS accept_by, tupleElement(r, 8) AS resolve_by,
        if(n_assigned > 0, last_assigned, NULL) AS assigned_at, if(n_accepted > 0, first_accepted, NULL) AS accepted_at, if(n_started > 0, last_started, NULL) AS started_at,
        if(n_completed > 0, last_completed, NULL) AS completed_at, if(n_cancelled > 0, last_cancelled, NULL) AS cancelled_at,
        late_accept AND NOT ifNull(accepted_at <= accept_by, false) AS breached_accept, late_resolve AND NOT ifNull(completed_at <= resolve_by, false) AS breached_resolve,
        reopened, if(last_rated > last_reopened, last_score, 0) AS score
    FROM (
        SELECT property_id, request_id, countIf(kind = 'requested') AS asked, minIf(occurred_at, kind = 'requested') AS made_at,
            argMaxIf(tuple(room_id, guest_id, item, department, priority, credits, accept_by, resolve_by), (occurred_at, department, item, room_id, guest_id, priority, credits), kind = 'requested') AS r,
            countIf(place > 0) AS steps, argMaxIf(tuple(if(kind IN ('released', 'reopened'), 'open', toString(kind)), if(kind IN ('released', 'reopened'), '', staff_id)), (occurred_at, place), place > 0) AS s,
            countIf(kind = 'assigned') AS n_assigned, maxIf(occurred_at, kind = 'assigned') AS last_assigned, countIf(kind = 'accepted') AS n_accepted, minIf(occurred_at, kind = 'accepted') AS first_accepted,
            countIf(kind = 'started') AS n_started, maxIf(occurred_at, kind = 'started') AS last_started, countIf(kind = 'completed') AS n_completed, maxIf(occurred_at, kind = 'completed') AS last_completed,
            countIf(kind = 'cancelled') AS n_cancelled, maxIf(occurred_at, kind = 'cancelled') AS last_cancelled,
            countIf(kind = 'breached' AND promise = 'accept') > 0 AS late_accept, countIf(kind = 'breached' AND promise = 'resolve') > 0 AS late_resolve,
            uniqExactIf(fact_id, kind = 'reopened') AS reopened, maxIf(occurred_at, kind = 'reopened') AS last_reopened,
            toInt64(argMaxIf(f.score, (occurred_at, f.score), kind = 'rated')) AS last_score, maxIf(occurred_at, kind = 'rated') AS last_rated
        FROM (SELECT *, indexOf(['assigned', 'released', 'accepted', 'started', 'completed', 'cancelled', 'reopened'], toString(kind)) AS place FROM service_facts) AS f
        GROUP BY property_id, request_id
    )
    WHERE asked > 0
)
COMMENT 'Every service request with its steps, by the time they were taken';
