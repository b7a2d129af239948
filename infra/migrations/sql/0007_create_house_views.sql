CREATE OR REPLACE VIEW v_properties
(
    property_id String COMMENT 'The hotel',
    name String COMMENT 'Name',
    time_zone String COMMENT 'IANA time zone',
    currency String COMMENT 'ISO 4217 code',
    departments Array(String) COMMENT 'Departments',
    capacity Int64 COMMENT 'Rooms of the inventory: the number set, or the rooms listed'
)
AS SELECT property_id, name, time_zone, currency, departments, capacity
FROM (
    SELECT p.property_id, p.name, p.time_zone, p.currency, p.departments, if(p.capacity > 0, p.capacity, r.rooms) AS capacity
    FROM (SELECT property_id, argMax(tuple(t.name, t.time_zone, t.currency, t.departments, t.capacity, t.removed), t._offset) AS s,
            tupleElement(s, 1) AS name, tupleElement(s, 2) AS time_zone, tupleElement(s, 3) AS currency, tupleElement(s, 4) AS departments, toInt64(tupleElement(s, 5)) AS capacity, tupleElement(s, 6) AS removed
        FROM property_settings AS t GROUP BY property_id) AS p
    LEFT JOIN (SELECT property_id, toInt64(countIf(NOT gone)) AS rooms
        FROM (SELECT property_id, room_id, argMax(removed, _offset) AS gone FROM room_settings GROUP BY property_id, room_id)
        GROUP BY property_id) AS r ON r.property_id = p.property_id
    WHERE NOT p.removed
)
COMMENT 'Every hotel, as its settings say';

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
    discrepancy String COMMENT 'none, sleep or skip',
    changed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Latest change'
)
AS SELECT property_id, room_id, room_type, floor, zone_id, front_office, housekeeping, block, guest_service, discrepancy, changed_at
FROM (
    SELECT k.property_id AS property_id, k.room_id AS room_id, s.room_type AS room_type, s.floor AS floor, s.zone_id AS zone_id,
        if(c.front_office = '', 'vacant', c.front_office) AS front_office, if(c.housekeeping = '', 'clean', c.housekeeping) AS housekeeping,
        if(c.block = '', 'none', c.block) AS block, if(c.guest_service = '', 'none', c.guest_service) AS guest_service,
        if(c.discrepancy = '', 'none', c.discrepancy) AS discrepancy, if(c.n > 0, c.changed_at, NULL) AS changed_at
    FROM (SELECT property_id, room_id FROM room_settings UNION DISTINCT SELECT property_id, room_id FROM room_status_changes) AS k
    LEFT JOIN (SELECT property_id, room_id, argMax(tuple(t.room_type, toInt64(t.floor), t.zone_id, t.removed), t._offset) AS v,
            tupleElement(v, 1) AS room_type, tupleElement(v, 2) AS floor, tupleElement(v, 3) AS zone_id, tupleElement(v, 4) AS removed FROM room_settings AS t GROUP BY property_id, room_id) AS s
        ON s.property_id = k.property_id AND s.room_id = k.room_id
    LEFT JOIN (SELECT property_id, room_id, count() AS n, max(occurred_at) AS changed_at,
            argMaxIf(value, (occurred_at, _offset, _fact), dimension = 'front_office') AS front_office,
            argMaxIf(value, (occurred_at, _offset, _fact), dimension = 'housekeeping') AS housekeeping,
            argMaxIf(value, (occurred_at, _offset, _fact), dimension = 'block') AS block,
            argMaxIf(value, (occurred_at, _offset, _fact), dimension = 'guest_service') AS guest_service,
            argMaxIf(value, (occurred_at, _offset, _fact), dimension = 'discrepancy') AS discrepancy
        FROM room_status_changes GROUP BY property_id, room_id) AS c ON c.property_id = k.property_id AND c.room_id = k.room_id
    WHERE NOT s.removed
)
COMMENT 'Each room now: its dimensions, each by its latest word';

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
    SELECT r.property_id, r.reservation_id,
        multiIf(s.left > 0, 'checked_out', s.came > 0, 'in_house', r.missed > 0, 'no_show', r.dropped > 0, 'cancelled', 'made') AS status,
        r.arrival, r.departure, ifNull(toInt64(r.departure) - toInt64(r.arrival), 0) AS nights, r.booked_on, r.room_type,
        if(s.room_at > r.room_at, s.room_id, r.room_id) AS room_id, if(r.guest_id = '', s.guest_id, r.guest_id) AS guest_id,
        r.rate, r.currency, r.adults, r.children, r.babies, r.adults + r.children + r.babies AS guests, r.segment, r.channel, r.country, r.complimentary,
        if(r.made > 0, r.made_at, NULL) AS made_at, if(r.dropped > 0, r.cancelled_at, NULL) AS cancelled_at, if(r.missed > 0, r.no_show_at, NULL) AS no_show_at,
        if(s.came > 0, s.checked_in_at, NULL) AS checked_in_at, if(s.left > 0, s.checked_out_at, NULL) AS checked_out_at
    FROM (SELECT property_id, reservation_id, countIf(kind = 'reservation_made') AS made, countIf(kind = 'reservation_cancelled') AS dropped,
            countIf(kind = 'reservation_no_show') AS missed,
            argMaxIf(tuple(f.arrival, f.departure, f.booked_on, f.room_type, f.guest_id, f.rate, f.currency, toInt64(f.adults), toInt64(f.children),
                toInt64(f.babies), f.segment, f.channel, f.country, f.complimentary), (occurred_at, _offset, _fact), kind = 'reservation_made') AS m,
            tupleElement(m, 1) AS arrival, tupleElement(m, 2) AS departure, tupleElement(m, 3) AS booked_on, tupleElement(m, 4) AS room_type, tupleElement(m, 5) AS guest_id, tupleElement(m, 6) AS rate, tupleElement(m, 7) AS currency, tupleElement(m, 8) AS adults,
            tupleElement(m, 9) AS children, tupleElement(m, 10) AS babies, tupleElement(m, 11) AS segment, tupleElement(m, 12) AS channel, tupleElement(m, 13) AS country, tupleElement(m, 14) AS complimentary,
            argMaxIf(f.room_id, (f.occurred_at, f._offset, f._fact), f.room_id != '') AS room_id, maxIf((f.occurred_at, f._offset, f._fact), f.room_id != '') AS room_at,
            minIf(occurred_at, kind = 'reservation_made') AS made_at, minIf(occurred_at, kind = 'reservation_cancelled') AS cancelled_at,
            minIf(occurred_at, kind = 'reservation_no_show') AS no_show_at
        FROM reservation_facts AS f GROUP BY property_id, reservation_id) AS r
    LEFT JOIN (SELECT property_id, reservation_id, countIf(kind = 'checked_in') AS came, countIf(kind = 'checked_out') AS left,
            argMaxIf(f.room_id, (f.occurred_at, f._offset, f._fact), f.room_id != '') AS room_id, maxIf((f.occurred_at, f._offset, f._fact), f.room_id != '') AS room_at,
            argMaxIf(f.guest_id, (f.occurred_at, f._offset, f._fact), f.guest_id != '') AS guest_id,
            minIf(occurred_at, kind = 'checked_in') AS checked_in_at, maxIf(occurred_at, kind = 'checked_out') AS checked_out_at
        FROM stay_facts AS f GROUP BY property_id, reservation_id) AS s ON s.property_id = r.property_id AND s.reservation_id = r.reservation_id
)
COMMENT 'Every reservation and its state: a lattice, so the order of arrival does not matter';

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
AS SELECT property_id, reservation_id, room_id, guest_id, arrival, departure, nights, day_use, guests, complimentary, checked_in_at, checked_out_at, room_revenue, other_revenue
FROM (
    SELECT r.property_id, r.reservation_id, r.room_id, r.guest_id, r.arrival, r.departure, r.nights, r.nights = 0 AS day_use, r.guests, r.complimentary,
        r.checked_in_at, r.checked_out_at, c.room_revenue, c.other_revenue
    FROM v_reservations AS r
    LEFT JOIN (SELECT property_id, reservation_id, sumIf(amount, charge_kind = 'room') AS room_revenue, sumIf(amount, charge_kind != 'room') AS other_revenue
        FROM charges FINAL GROUP BY property_id, reservation_id) AS c ON c.property_id = r.property_id AND c.reservation_id = r.reservation_id
    WHERE r.status IN ('in_house', 'checked_out')
)
COMMENT 'Every stay that began, with what was charged';

CREATE OR REPLACE VIEW v_revenue_daily
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date',
    currency String COMMENT 'ISO 4217 code',
    room_revenue Decimal(38, 4) COMMENT 'Room charges',
    other_revenue Decimal(38, 4) COMMENT 'All other charges',
    total_revenue Decimal(38, 4) COMMENT 'Both',
    charges Int64 COMMENT 'Number of charges'
)
AS SELECT property_id, business_date, currency, room_revenue, other_revenue, total_revenue, charges
FROM (
    SELECT property_id, business_date, currency, sumIf(amount, charge_kind = 'room') AS room_revenue, sumIf(amount, charge_kind != 'room') AS other_revenue,
        sum(amount) AS total_revenue, count() AS charges
    FROM charges FINAL GROUP BY property_id, business_date, currency
)
COMMENT 'Charges of each business date';

CREATE OR REPLACE VIEW v_occupancy_daily
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date',
    rooms_occupied Int64 COMMENT 'Rooms occupied overnight: reservations with a room charge of the date',
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
    SELECT d.property_id, d.business_date, sum(d.occupied) AS rooms_occupied, sum(d.complimentary) AS rooms_complimentary, rooms_occupied - rooms_complimentary AS rooms_sold,
        sum(d.guests) AS guests_in_house, sum(d.room) AS room_revenue, sum(d.other) AS other_revenue, sum(d.came) AS arrivals, sum(d.went) AS departures,
        sum(d.stayed) AS stayovers, sum(d.day) AS day_use, sum(d.missed) AS no_shows, sum(d.picked) AS gross_pickup_nights, any(p.capacity) AS capacity,
        if(capacity > 0, 100 * rooms_sold / capacity, NULL) AS occupancy_usali, if(rooms_sold > 0, toFloat64(room_revenue) / rooms_sold, NULL) AS adr,
        if(capacity > 0, toFloat64(room_revenue) / capacity, NULL) AS revpar
    FROM (
        SELECT n.property_id AS property_id, n.business_date AS business_date, toInt64(n.night) AS occupied, toInt64(n.night AND r.complimentary) AS complimentary, if(n.night, r.guests, 0) AS guests,
            n.room AS room, n.other AS other, 0 AS came, 0 AS went, 0 AS stayed, 0 AS day, 0 AS missed, 0 AS picked
        FROM (SELECT property_id, business_date, reservation_id, countIf(charge_kind = 'room') > 0 AS night,
                sumIf(amount, charge_kind = 'room') AS room, sumIf(amount, charge_kind != 'room') AS other
            FROM charges FINAL GROUP BY property_id, business_date, reservation_id) AS n
        LEFT JOIN v_reservations AS r ON r.property_id = n.property_id AND r.reservation_id = n.reservation_id
        UNION ALL
        SELECT property_id, assumeNotNull(arrival), 0, 0, 0, 0, 0, toInt64(stay AND nights > 0), 0, 0, toInt64(stay AND nights = 0), toInt64(status = 'no_show'), 0
        FROM (SELECT *, status IN ('in_house', 'checked_out') AS stay FROM v_reservations WHERE arrival IS NOT NULL) WHERE stay OR status = 'no_show'
        UNION ALL
        SELECT property_id, assumeNotNull(departure), 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 FROM v_reservations WHERE status = 'checked_out' AND nights > 0
        UNION ALL
        SELECT property_id, toDate32(addDays(assumeNotNull(arrival), arrayJoin(range(1, toUInt64(least(nights, 1000)))))), 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0
        FROM v_reservations WHERE status IN ('in_house', 'checked_out') AND nights > 1
        UNION ALL
        SELECT property_id, assumeNotNull(booked_on), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, nights FROM v_reservations WHERE booked_on IS NOT NULL
    ) AS d
    LEFT JOIN v_properties AS p ON p.property_id = d.property_id
    GROUP BY d.property_id, d.business_date
)
COMMENT 'Each business date of each hotel: rooms, guests, revenue and the three ratios';

CREATE OR REPLACE VIEW v_occupancy_monthly
(
    property_id String COMMENT 'The hotel',
    month Date32 COMMENT 'First day of the month',
    days Int64 COMMENT 'Days of the month',
    rooms_occupied Int64 COMMENT 'Rooms occupied overnight: reservations with a room charge of the date',
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
    occupancy_usali Nullable(Float64) COMMENT 'Percent: sold of the inventory times days',
    adr Nullable(Float64) COMMENT 'Room revenue a room sold',
    revpar Nullable(Float64) COMMENT 'Room revenue a room and day of the inventory'
)
AS SELECT property_id, month, days, rooms_occupied, rooms_complimentary, rooms_sold, guests_in_house, room_revenue, other_revenue, arrivals, departures, stayovers, day_use, no_shows, gross_pickup_nights, capacity, occupancy_usali, adr, revpar
FROM (
    SELECT property_id, toDate32(toStartOfMonth(business_date)) AS month, toInt64(toDayOfMonth(toLastDayOfMonth(month))) AS days,
        sum(d.rooms_occupied) AS rooms_occupied, sum(d.rooms_complimentary) AS rooms_complimentary, sum(d.rooms_sold) AS rooms_sold, sum(d.guests_in_house) AS guests_in_house,
        sum(d.room_revenue) AS room_revenue, sum(d.other_revenue) AS other_revenue, sum(d.arrivals) AS arrivals, sum(d.departures) AS departures, sum(d.stayovers) AS stayovers,
        sum(d.day_use) AS day_use, sum(d.no_shows) AS no_shows, sum(d.gross_pickup_nights) AS gross_pickup_nights, any(d.capacity) AS capacity,
        if(capacity > 0, 100 * rooms_sold / (capacity * days), NULL) AS occupancy_usali, if(rooms_sold > 0, toFloat64(room_revenue) / rooms_sold, NULL) AS adr,
        if(capacity > 0, toFloat64(room_revenue) / (capacity * days), NULL) AS revpar
    FROM v_occupancy_daily AS d GROUP BY property_id, month
)
COMMENT 'Each month of each hotel';

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
        WHERE r.booked_on <= {as_of:Date32}
            AND ifNull(toDate32(r.cancelled_at) > {as_of:Date32}, true)
            AND ifNull(toDate32(r.no_show_at) > {as_of:Date32}, true)) AS n
    GROUP BY n.property_id, month
)
COMMENT 'What was booked as of a day (UTC), per month of the nights: v_on_the_books_at(as_of = \'2016-07-01\')';

CREATE OR REPLACE VIEW v_occupancy_live
(
    property_id String COMMENT 'The hotel',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    business_date Nullable(Date32) COMMENT 'Business date',
    rooms Int64 COMMENT 'Rooms',
    occupied Int64 COMMENT 'Occupied',
    out_of_order Int64 COMMENT 'Out of order',
    out_of_service Int64 COMMENT 'Out of service',
    dirty Int64 COMMENT 'Dirty',
    ready Int64 COMMENT 'Vacant and ready',
    guests Int64 COMMENT 'Guests in house',
    arrivals_expected Int64 COMMENT 'Arrivals expected',
    arrivals_done Int64 COMMENT 'done',
    departures_expected Int64 COMMENT 'Departures expected',
    departures_done Int64 COMMENT 'done',
    occupancy_usali Nullable(Float64) COMMENT 'Percent: occupied of all rooms',
    occupancy_sellable Nullable(Float64) COMMENT 'Percent: occupied of the rooms that are not out of order'
)
AS SELECT property_id, as_of, business_date, rooms, occupied, out_of_order, out_of_service, dirty, ready, guests, arrivals_expected, arrivals_done, departures_expected, departures_done, occupancy_usali, occupancy_sellable
FROM (
    SELECT property_id, as_of, business_date, rooms, occupied, out_of_order, out_of_service, dirty, ready, guests, arrivals_expected, arrivals_done,
        departures_expected, departures_done, if(rooms > 0, 100 * occupied / rooms, NULL) AS occupancy_usali,
        if(rooms > out_of_order, 100 * occupied / (rooms - out_of_order), NULL) AS occupancy_sellable
    FROM occupancy_snapshots ORDER BY _offset DESC LIMIT 1 BY property_id
)
COMMENT 'The house now, as the occupancy fold says';

CREATE OR REPLACE VIEW v_revenue_live
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    currency String COMMENT 'ISO 4217 code',
    room_revenue Decimal(38, 4) COMMENT 'Room charges',
    other_revenue Decimal(38, 4) COMMENT 'Other charges',
    room_nights Int64 COMMENT 'Rooms occupied overnight',
    complimentary_nights Int64 COMMENT 'of which complimentary',
    charges Int64 COMMENT 'Charges'
)
AS SELECT property_id, business_date, as_of, currency, room_revenue, other_revenue, room_nights, complimentary_nights, charges
FROM (
    SELECT property_id, business_date, as_of, currency, room_revenue, other_revenue, room_nights, complimentary_nights, charges
    FROM revenue_snapshots ORDER BY _offset DESC LIMIT 1 BY property_id, business_date
)
COMMENT 'Revenue of each business date, as the revenue fold says';
