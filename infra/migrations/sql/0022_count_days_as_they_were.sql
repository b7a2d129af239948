-- Days and months at any moment, with the inventory and the currency that the hotel had: a sum over two currencies is none.
CREATE OR REPLACE VIEW v_revenue_daily_at
AS SELECT property_id, business_date, currency, sumIf(amount, charge_kind = 'room') AS room_revenue,
    sumIf(amount, charge_kind != 'room') AS other_revenue, sum(amount) AS total_revenue, count() AS charges
FROM charges FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, business_date, currency
COMMENT 'Charges of each business date as of a moment, with the columns of v_revenue_daily';

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
AS SELECT
    property_id, business_date, currency, room_revenue, other_revenue, total_revenue, charges
FROM {database:Identifier}.v_revenue_daily_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Charges of each business date and currency';

CREATE OR REPLACE VIEW v_revenue_segments_at
AS SELECT
    n.property_id AS property_id, n.business_date AS business_date, r.room_type AS room_type, r.segment AS segment, r.channel AS channel, n.currency AS currency,
    sum(toInt64(n.night AND NOT r.unsold AND NOT r.complimentary)) AS rooms_sold, sum(toInt64(n.night AND NOT r.unsold AND r.complimentary)) AS rooms_complimentary,
    sum(n.room) AS room_revenue, sum(n.other) AS other_revenue, room_revenue + other_revenue AS total_revenue,
    CAST(round(toDecimal128(room_revenue, 8) / nullIf(rooms_sold, 0), 4), 'Nullable(Decimal(38, 4))') AS adr, n.source_system AS source_system
FROM (
    SELECT property_id, business_date, reservation_id, currency, source_system, countIf(charge_kind = 'room') > 0 AS night,
        sumIf(amount, charge_kind = 'room') AS room, sumIf(amount, charge_kind != 'room') AS other
    FROM charges FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, business_date, reservation_id, currency, source_system
) AS n
LEFT JOIN (
    SELECT property_id, reservation_id, room_type, segment, channel, complimentary, status IN ('cancelled', 'no_show') OR (arrival IS NOT NULL AND nights <= 0) AS unsold
    FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')})
) AS r ON r.property_id = n.property_id AND r.reservation_id = n.reservation_id
GROUP BY property_id, business_date, room_type, segment, channel, currency, source_system
COMMENT 'Revenue by room type, segment and source as of a moment, with the columns of v_revenue_segments';

CREATE OR REPLACE VIEW v_revenue_segments
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date',
    room_type String COMMENT 'Room type booked',
    segment String COMMENT 'Market segment',
    channel String COMMENT 'Distribution channel: where the booking came from',
    currency String COMMENT 'ISO 4217 code of the charges',
    rooms_sold Int64 COMMENT 'Rooms sold for the night: with a room charge, less complimentary, day use and who did not come',
    rooms_complimentary Int64 COMMENT 'Rooms occupied and not sold, house use too',
    room_revenue Decimal(38, 4) COMMENT 'Room charges',
    other_revenue Decimal(38, 4) COMMENT 'All other charges',
    total_revenue Decimal(38, 4) COMMENT 'Both',
    adr Nullable(Decimal(38, 4)) COMMENT 'Average daily rate: room_revenue / rooms_sold; n is rooms_sold',
    source_system String COMMENT 'Which system said so'
)
AS SELECT
    property_id, business_date, room_type, segment, channel, currency, rooms_sold, rooms_complimentary, room_revenue,
    other_revenue, total_revenue, adr, source_system
FROM {database:Identifier}.v_revenue_segments_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Revenue of each business date by room type, segment, channel and source';

CREATE OR REPLACE VIEW v_occupancy_daily_at
AS SELECT
    d.property_id AS property_id, d.business_date AS business_date, d.rooms_occupied AS rooms_occupied, d.rooms_complimentary AS rooms_complimentary,
    d.rooms_occupied - d.rooms_complimentary AS rooms_sold, d.guests_in_house AS guests_in_house, d.room_revenue AS room_revenue, d.other_revenue AS other_revenue,
    d.arrivals AS arrivals, d.departures AS departures, d.stayovers AS stayovers, d.day_use AS day_use, d.no_shows AS no_shows,
    d.gross_pickup_nights AS gross_pickup_nights, tupleElement(arrayFirst(x -> d.business_date < x.1, arraySort(c.steps)), 2) AS capacity,
    if(capacity > 0, 100 * rooms_sold / capacity, NULL) AS occupancy_usali,
    if(rooms_sold > 0, toFloat64(d.room_revenue) / rooms_sold, NULL) AS adr, if(capacity > 0, toFloat64(d.room_revenue) / capacity, NULL) AS revpar,
    d.rooms_house_use AS rooms_house_use, d.charges_elsewhere AS charges_elsewhere, d.arrivals_booked AS arrivals_booked, d.cancellations AS cancellations,
    d.nights_arrived AS nights_arrived, p.currency AS currency
FROM (
    SELECT property_id, business_date, toInt64(sum(occupied)) AS rooms_occupied, toInt64(sum(free)) AS rooms_complimentary,
        toInt64(sum(house)) AS rooms_house_use, sum(people) AS guests_in_house, toInt64(sum(elsewhere)) AS charges_elsewhere, toInt64(sum(came)) AS arrivals,
        sum(came_nights) AS nights_arrived, toInt64(sum(went)) AS departures, toInt64(sum(stayed)) AS stayovers, toInt64(sum(used)) AS day_use,
        toInt64(sum(missed)) AS no_shows, toInt64(sum(dropped)) AS cancellations, toInt64(sum(booked)) AS arrivals_booked, sum(picked) AS gross_pickup_nights,
        sum(room) AS room_revenue, sum(other) AS other_revenue
    FROM (
        SELECT n.property_id AS property_id, n.business_date AS business_date, sum(n.room) AS room, sum(n.other) AS other,
            countIf(n.night AND NOT r.unsold) AS occupied, countIf(n.night AND NOT r.unsold AND r.complimentary) AS free,
            countIf(n.night AND NOT r.unsold AND r.complimentary AND r.house) AS house, sumIf(r.guests, n.night AND NOT r.unsold) AS people, sum(n.elsewhere) AS elsewhere,
            0 AS came, toInt64(0) AS came_nights, 0 AS went, 0 AS stayed, 0 AS used, 0 AS missed, 0 AS dropped, 0 AS booked, toInt64(0) AS picked
        FROM (
            SELECT f.property_id AS property_id, f.business_date AS business_date, f.reservation_id AS reservation_id, max(f.charge_kind = 'room') AS night,
                sumIf(f.amount, f.charge_kind = 'room' AND (p.currency = '' OR f.currency = p.currency)) AS room,
                sumIf(f.amount, f.charge_kind != 'room' AND (p.currency = '' OR f.currency = p.currency)) AS other, countIf(p.currency != '' AND f.currency != p.currency) AS elsewhere
            FROM (SELECT property_id, business_date, reservation_id, charge_kind, amount, currency FROM charges FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}) AS f
            LEFT JOIN (SELECT property_id, toString(argMax(t.currency, t._offset)) AS currency FROM property_settings AS t GROUP BY property_id) AS p ON p.property_id = f.property_id
            GROUP BY property_id, business_date, reservation_id
        ) AS n
        LEFT JOIN (
            SELECT property_id, reservation_id, complimentary, guests, replaceAll(lower(segment), '_', ' ') = 'house use' AS house,
                status IN ('cancelled', 'no_show') OR (arrival IS NOT NULL AND nights <= 0) AS unsold
            FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')})
        ) AS r ON r.property_id = n.property_id AND r.reservation_id = n.reservation_id
        GROUP BY property_id, business_date
        UNION ALL
        SELECT property_id, part.1 AS business_date, 0, 0, 0, 0, 0, 0, 0,
            countIf(part.2 = 'came'), sumIf(part.3, part.2 = 'came'), countIf(part.2 = 'left'), countIf(part.2 = 'stayed'), countIf(part.2 = 'day use'),
            countIf(part.2 = 'no_show'), countIf(part.2 = 'cancelled'), countIf(part.2 IN ('came', 'day use', 'no_show', 'made')), sumIf(part.3, part.2 = 'booked')
        FROM (
            -- What of each reservation counts on which day: (day, what, nights).
            SELECT property_id, arrayJoin(arrayConcat(
                if(known, [(day, multiIf(stay AND nights > 0, 'came', stay, 'day use', status), nights)], []),
                if(status = 'checked_out' AND nights > 0, [(toDate32(addDays(day, nights)), 'left', toInt64(0))], []),
                if(stay AND nights > 1, arrayMap(night -> (toDate32(addDays(day, night)), 'stayed', toInt64(0)), range(1, toUInt64(greatest(1, least(nights, 1000))))), []),
                if(booked_on IS NOT NULL, [(assumeNotNull(booked_on), 'booked', nights)], [])
            )) AS part
            FROM (
                SELECT property_id, status, nights, booked_on, arrival IS NOT NULL AS known, assumeNotNull(arrival) AS day, status IN ('in_house', 'checked_out') AS stay
                FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')})
            )
        )
        GROUP BY property_id, business_date
    )
    GROUP BY property_id, business_date
) AS d
LEFT JOIN (SELECT property_id, toString(argMax(t.currency, t._offset)) AS currency FROM property_settings AS t GROUP BY property_id) AS p ON p.property_id = d.property_id
LEFT JOIN (SELECT property_id, groupArray((to_date, capacity)) AS steps FROM {database:Identifier}.v_capacity_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) GROUP BY property_id) AS c ON c.property_id = d.property_id
COMMENT 'Each business date as of a moment, with the columns of v_occupancy_daily';

CREATE OR REPLACE VIEW v_occupancy_daily
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date',
    rooms_occupied Int64 COMMENT 'Rooms occupied overnight: reservations with a room charge of the date, less day use and who did not come',
    rooms_complimentary Int64 COMMENT 'of which complimentary',
    rooms_sold Int64 COMMENT 'Occupied less complimentary',
    guests_in_house Int64 COMMENT 'Guests of the rooms occupied',
    room_revenue Decimal(38, 4) COMMENT 'Room charges of the date in the hotel\'s currency',
    other_revenue Decimal(38, 4) COMMENT 'Other charges of the date in the hotel\'s currency',
    arrivals Int64 COMMENT 'Overnight stays that arrived, as booked',
    departures Int64 COMMENT 'Overnight stays that left, as booked',
    stayovers Int64 COMMENT 'Stays in house that neither arrived nor leave',
    day_use Int64 COMMENT 'Stays without a night',
    no_shows Int64 COMMENT 'No-shows of the arrivals of the date',
    gross_pickup_nights Int64 COMMENT 'Nights of the reservations booked on the date, cancelled ones too',
    capacity Int64 COMMENT 'Rooms of the inventory on the date',
    occupancy_usali Nullable(Float64) COMMENT 'Percent: sold of the inventory, rooms out of order not deducted',
    adr Nullable(Float64) COMMENT 'Room revenue a room sold',
    revpar Nullable(Float64) COMMENT 'Room revenue a room of the inventory',
    rooms_house_use Int64 COMMENT 'of rooms_complimentary those for the house itself: their market segment is house use',
    charges_elsewhere Int64 COMMENT 'Charges in another currency than the hotel\'s, in no sum here: see v_revenue_daily',
    arrivals_booked Int64 COMMENT 'Reservations to arrive on the date that were not cancelled: who came, day use too, who did not, who may still come',
    cancellations Int64 COMMENT 'Reservations to arrive on the date that were cancelled',
    nights_arrived Int64 COMMENT 'Nights booked by the stays in arrivals',
    currency String COMMENT 'ISO 4217 code of the revenue; empty where the hotel\'s settings name none'
)
AS SELECT
    property_id, business_date, rooms_occupied, rooms_complimentary, rooms_sold, guests_in_house, room_revenue,
    other_revenue, arrivals, departures, stayovers, day_use, no_shows, gross_pickup_nights, capacity,
    occupancy_usali, adr, revpar, rooms_house_use, charges_elsewhere, arrivals_booked, cancellations, nights_arrived,
    currency
FROM {database:Identifier}.v_occupancy_daily_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Each business date of each hotel: rooms, guests, revenue and the three ratios';

CREATE OR REPLACE VIEW v_occupancy_monthly_at
AS SELECT
    d.property_id AS property_id, d.month AS month, d.days AS days, d.rooms_occupied AS rooms_occupied, d.rooms_complimentary AS rooms_complimentary,
    d.rooms_sold AS rooms_sold, d.guests_in_house AS guests_in_house, d.room_revenue AS room_revenue, d.other_revenue AS other_revenue,
    d.arrivals AS arrivals, d.departures AS departures, d.stayovers AS stayovers, d.day_use AS day_use, d.no_shows AS no_shows,
    d.gross_pickup_nights AS gross_pickup_nights, d.capacity AS capacity,
    if(rooms_available > 0, 100 * d.rooms_sold / rooms_available, NULL) AS occupancy_usali,
    if(d.rooms_sold > 0, toFloat64(d.room_revenue) / d.rooms_sold, NULL) AS adr,
    if(rooms_available > 0, toFloat64(d.room_revenue) / rooms_available, NULL) AS revpar,
    arraySum(x -> x.3 * greatest(0, least(x.2, d.high + 1) - greatest(x.1, d.low)), c.steps) AS rooms_available
FROM (
    SELECT
        property_id, toDate32(toStartOfMonth(business_date)) AS month, greatest(toInt64(month), any(first)) AS low, least(toInt64(toLastDayOfMonth(month)), any(last)) AS high,
        greatest(toInt64(0), 1 + high - low) AS days, sum(o.rooms_occupied) AS rooms_occupied, sum(o.rooms_complimentary) AS rooms_complimentary,
        sum(o.rooms_sold) AS rooms_sold, sum(o.guests_in_house) AS guests_in_house, sum(o.room_revenue) AS room_revenue, sum(o.other_revenue) AS other_revenue,
        sum(o.arrivals) AS arrivals, sum(o.departures) AS departures, sum(o.stayovers) AS stayovers, sum(o.day_use) AS day_use, sum(o.no_shows) AS no_shows,
        sum(o.gross_pickup_nights) AS gross_pickup_nights, argMax(o.capacity, o.business_date) AS capacity
    FROM (
        SELECT *, minIf(toInt64(business_date), busy) OVER (PARTITION BY property_id) AS first, maxIf(toInt64(business_date), busy) OVER (PARTITION BY property_id) AS last
        FROM (SELECT *, rooms_occupied + arrivals + departures + day_use > 0 AS busy FROM {database:Identifier}.v_occupancy_daily_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}))
    ) AS o
    GROUP BY property_id, month
) AS d
LEFT JOIN (
    SELECT property_id, groupArray((toInt64(from_date), toInt64(to_date), capacity)) AS steps FROM {database:Identifier}.v_capacity_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) GROUP BY property_id
) AS c ON c.property_id = d.property_id
COMMENT 'Each month as of a moment, with the columns of v_occupancy_monthly';

CREATE OR REPLACE VIEW v_occupancy_monthly
(
    property_id String COMMENT 'The hotel',
    month Date32 COMMENT 'First day of the month',
    days Int64 COMMENT 'Days of the month from the first to the last day that anybody stayed, arrived or left',
    rooms_occupied Int64 COMMENT 'Rooms occupied overnight: reservations with a room charge of the date',
    rooms_complimentary Int64 COMMENT 'of which complimentary',
    rooms_sold Int64 COMMENT 'Occupied less complimentary',
    guests_in_house Int64 COMMENT 'Guests of the rooms occupied',
    room_revenue Decimal(38, 4) COMMENT 'Room charges in the hotel\'s currency',
    other_revenue Decimal(38, 4) COMMENT 'Other charges in the hotel\'s currency',
    arrivals Int64 COMMENT 'Overnight stays that arrived, as booked',
    departures Int64 COMMENT 'Overnight stays that left, as booked',
    stayovers Int64 COMMENT 'Stays in house that neither arrived nor leave',
    day_use Int64 COMMENT 'Stays without a night',
    no_shows Int64 COMMENT 'No-shows of the arrivals of the date',
    gross_pickup_nights Int64 COMMENT 'Nights of the reservations booked on the date, cancelled ones too',
    capacity Int64 COMMENT 'Rooms of the inventory on the last of these days',
    occupancy_usali Nullable(Float64) COMMENT 'Percent: rooms_sold of rooms_available',
    adr Nullable(Float64) COMMENT 'Room revenue a room sold',
    revpar Nullable(Float64) COMMENT 'room_revenue / rooms_available',
    rooms_available Int64 COMMENT 'Room nights there were: the inventory of each of these days, rooms out of order not deducted'
)
AS SELECT
    property_id, month, days, rooms_occupied, rooms_complimentary, rooms_sold, guests_in_house, room_revenue,
    other_revenue, arrivals, departures, stayovers, day_use, no_shows, gross_pickup_nights, capacity,
    occupancy_usali, adr, revpar, rooms_available
FROM {database:Identifier}.v_occupancy_monthly_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Each month of each hotel';
