-- argMax over tuples keeps a generic value a reservation: 80,000 reservations took 510 MiB. Numbers as keys, one
-- join for the rest, one pass for the days. A month that has only begun, or in which the hotel opened, counts its own days.

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
            argMaxIf(room_id, place, room_id != '') AS last_room, argMaxIf(guest_id, place, guest_id != '') AS last_guest
        FROM (
            SELECT property_id, reservation_id, kind, occurred_at, room_id, guest_id, toInt128(toUnixTimestamp64Milli(occurred_at)) * toInt128('18446744073709551616') + toInt128(_offset) * 65536 + _fact AS place FROM reservation_facts
            UNION ALL
            SELECT property_id, reservation_id, kind, occurred_at, room_id, guest_id, toInt128(toUnixTimestamp64Milli(occurred_at)) * toInt128('18446744073709551616') + toInt128(_offset) * 65536 + _fact AS place FROM stay_facts
        )
        GROUP BY property_id, reservation_id
    ) AS f
    LEFT JOIN (
        SELECT property_id, reservation_id, arrival, departure, booked_on, room_type, rate, currency, adults, children, babies, segment, channel, country, complimentary
        FROM reservation_facts WHERE kind = 'reservation_made'
        ORDER BY occurred_at DESC, _offset DESC, _fact DESC LIMIT 1 BY property_id, reservation_id
    ) AS m ON m.property_id = f.property_id AND m.reservation_id = f.reservation_id
)
COMMENT 'Every reservation and its state: a lattice, so the order of arrival does not matter';

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
    SELECT d.property_id AS property_id, d.business_date AS business_date, sum(d.occupied) AS rooms_occupied, sum(d.free) AS rooms_complimentary,
        rooms_occupied - rooms_complimentary AS rooms_sold, sum(d.guests) AS guests_in_house, sum(d.room) AS room_revenue, sum(d.other) AS other_revenue,
        sum(d.came) AS arrivals, sum(d.went) AS departures, sum(d.stayed) AS stayovers, sum(d.used) AS day_use, sum(d.missed) AS no_shows,
        sum(d.picked) AS gross_pickup_nights, any(p.capacity) AS capacity,
        if(capacity > 0, 100 * rooms_sold / capacity, NULL) AS occupancy_usali, if(rooms_sold > 0, toFloat64(room_revenue) / rooms_sold, NULL) AS adr,
        if(capacity > 0, toFloat64(room_revenue) / capacity, NULL) AS revpar
    FROM (
        SELECT n.property_id AS property_id, n.business_date AS business_date, toInt64(n.night) AS occupied, toInt64(n.night AND r.complimentary) AS free,
            if(n.night, r.guests, 0) AS guests, n.room AS room, n.other AS other,
            toInt64(0) AS came, toInt64(0) AS went, toInt64(0) AS stayed, toInt64(0) AS used, toInt64(0) AS missed, toInt64(0) AS picked
        FROM (SELECT property_id, business_date, reservation_id, countIf(charge_kind = 'room') > 0 AS night,
                sumIf(amount, charge_kind = 'room') AS room, sumIf(amount, charge_kind != 'room') AS other
            FROM charges FINAL GROUP BY property_id, business_date, reservation_id) AS n
        LEFT JOIN (SELECT property_id, reservation_id, complimentary, guests FROM v_reservations) AS r
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

CREATE OR REPLACE VIEW v_occupancy_monthly
(
    property_id String COMMENT 'The hotel',
    month Date32 COMMENT 'First day of the month',
    days Int64 COMMENT 'Days of the month from the first to the last day that anybody stayed, arrived or left',
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
    SELECT d.property_id AS property_id, toDate32(toStartOfMonth(d.business_date)) AS month,
        toInt64(greatest(0, 1 + least(toInt64(toLastDayOfMonth(month)), any(d.last)) - greatest(toInt64(month), any(d.first)))) AS days,
        sum(d.rooms_occupied) AS rooms_occupied, sum(d.rooms_complimentary) AS rooms_complimentary, sum(d.rooms_sold) AS rooms_sold, sum(d.guests_in_house) AS guests_in_house,
        sum(d.room_revenue) AS room_revenue, sum(d.other_revenue) AS other_revenue, sum(d.arrivals) AS arrivals, sum(d.departures) AS departures, sum(d.stayovers) AS stayovers,
        sum(d.day_use) AS day_use, sum(d.no_shows) AS no_shows, sum(d.gross_pickup_nights) AS gross_pickup_nights, any(d.capacity) AS capacity,
        if(capacity > 0 AND days > 0, 100 * rooms_sold / (capacity * days), NULL) AS occupancy_usali, if(rooms_sold > 0, toFloat64(room_revenue) / rooms_sold, NULL) AS adr,
        if(capacity > 0 AND days > 0, toFloat64(room_revenue) / (capacity * days), NULL) AS revpar
    FROM (SELECT *, minIf(toInt64(business_date), rooms_occupied + arrivals + departures + day_use > 0) OVER (PARTITION BY property_id) AS first,
            maxIf(toInt64(business_date), rooms_occupied + arrivals + departures + day_use > 0) OVER (PARTITION BY property_id) AS last FROM v_occupancy_daily) AS d
    GROUP BY property_id, month
)
COMMENT 'Each month of each hotel';
