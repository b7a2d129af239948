-- A business date that was closed may still change: a charge is posted or voided, a guest turns out not to have come.
-- It does, and says since when (restated_at).
CREATE OR REPLACE VIEW v_restatements_at
AS SELECT property_id, toDate32(day) AS business_date, max(at) AS restated_at, min(closed) AS closed_at,
    toInt64(countIf(what = 'charge')) AS charges, toInt64(countIf(what = 'void')) AS voids, toInt64(countIf(what = 'stay')) AS reservations
FROM (
    SELECT c.property_id AS property_id, c.day AS day, c.at AS at, a.closed_at AS closed, c.what AS what
    FROM (
        SELECT property_id, toInt32(business_date) AS day, logged_at AS at, 'charge' AS what FROM charges FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
        UNION ALL
        SELECT v.property_id, toInt32(c.business_date), v.at, 'void'
        FROM (SELECT property_id, reservation_id, charge_id, min(logged_at) AS at FROM charge_voids WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, reservation_id, charge_id) AS v
        INNER JOIN (SELECT property_id, reservation_id, charge_id, business_date FROM charges FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}) AS c
            ON c.property_id = v.property_id AND c.reservation_id = v.reservation_id AND c.charge_id = v.charge_id
    ) AS c
    ASOF INNER JOIN (SELECT property_id, toInt32(closed) AS closes, min(logged_at) AS closed_at FROM night_audits WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, closes) AS a ON a.property_id = c.property_id AND c.day <= a.closes
    WHERE c.at > a.closed_at
    UNION ALL
    SELECT n.property_id, n.day, n.at, a.closed_at, 'stay'
    FROM (
        -- Those only of whose first date the audit came before their last word.
        SELECT r.property_id AS property_id, arrayJoin(range(r.day, r.day + toInt32(greatest(1, least(r.nights, 1000))))) AS day, r.settled_at AS at
        FROM (SELECT property_id, toInt32(assumeNotNull(arrival)) AS day, nights, settled_at FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE arrival IS NOT NULL) AS r
        ASOF INNER JOIN (SELECT property_id, toInt32(closed) AS closes, min(logged_at) AS closed_at FROM night_audits WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, closes) AS a ON a.property_id = r.property_id AND r.day <= a.closes
        WHERE r.settled_at > a.closed_at
    ) AS n
    ASOF INNER JOIN (SELECT property_id, toInt32(closed) AS closes, min(logged_at) AS closed_at FROM night_audits WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, closes) AS a ON a.property_id = n.property_id AND n.day <= a.closes
    WHERE n.at > a.closed_at
)
GROUP BY property_id, day
COMMENT 'Business dates restated by a moment, with the columns of v_restatements';

CREATE OR REPLACE VIEW v_restatements
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'The business date that was closed',
    restated_at DateTime64(3, 'UTC') COMMENT 'When the log took the last word about it that came after it was closed',
    closed_at DateTime64(3, 'UTC') COMMENT 'When the log took the night audit that closed it',
    charges Int64 COMMENT 'Charges posted for it after it was closed',
    voids Int64 COMMENT 'Charges of it voided after it was closed',
    reservations Int64 COMMENT 'Reservations with a night on it (or day use) of which a word came after it was closed that decides whether they count: see v_reservations.settled_at'
)
AS SELECT
    property_id, business_date, restated_at, closed_at, charges, voids, reservations
FROM {database:Identifier}.v_restatements_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Business dates about which something was said after their night audit, whether or not a figure moved. As they were before: the _at views with known = closed_at';

CREATE OR REPLACE VIEW v_revenue_daily_at
AS SELECT d.property_id AS property_id, d.business_date AS business_date, d.currency AS currency, d.room_revenue AS room_revenue, d.other_revenue AS other_revenue,
    d.room_revenue + d.other_revenue AS total_revenue, d.charges AS charges, d.voids AS voids, if(s.property_id = '', NULL, s.restated_at) AS restated_at
FROM (
    SELECT property_id, business_date, currency, sumIf(amount, charge_kind = 'room' AND NOT voided) AS room_revenue,
        sumIf(amount, charge_kind != 'room' AND NOT voided) AS other_revenue, toInt64(countIf(NOT voided)) AS charges, toInt64(countIf(voided)) AS voids
    FROM {database:Identifier}.v_charges_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) GROUP BY property_id, business_date, currency
) AS d
LEFT JOIN (SELECT property_id, business_date, restated_at FROM {database:Identifier}.v_restatements_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')})) AS s ON s.property_id = d.property_id AND s.business_date = d.business_date
COMMENT 'Charges of each business date as of a moment, with the columns of v_revenue_daily';

CREATE OR REPLACE VIEW v_revenue_daily
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date',
    currency String COMMENT 'ISO 4217 code',
    room_revenue Decimal(38, 4) COMMENT 'Room charges',
    other_revenue Decimal(38, 4) COMMENT 'All other charges',
    total_revenue Decimal(38, 4) COMMENT 'Both',
    charges Int64 COMMENT 'Number of charges that count',
    voids Int64 COMMENT 'Number of charges that were voided',
    restated_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the log took the last word about the date that came after its night audit (v_restatements); empty: none'
)
AS SELECT
    property_id, business_date, currency, room_revenue, other_revenue, total_revenue, charges, voids,
    restated_at
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
    FROM {database:Identifier}.v_charges_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE NOT voided GROUP BY property_id, business_date, reservation_id, currency, source_system
) AS n
LEFT JOIN (
    SELECT property_id, reservation_id, room_type, segment, channel, complimentary, status IN ('cancelled', 'no_show') OR (arrival IS NOT NULL AND nights <= 0) AS unsold
    FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')})
) AS r ON r.property_id = n.property_id AND r.reservation_id = n.reservation_id
GROUP BY property_id, business_date, room_type, segment, channel, currency, source_system
COMMENT 'Revenue by room type, segment and source as of a moment, with the columns of v_revenue_segments';

CREATE OR REPLACE VIEW v_occupancy_daily_at
AS SELECT
    d.property_id AS property_id, d.business_date AS business_date, d.rooms_occupied AS rooms_occupied, d.rooms_complimentary AS rooms_complimentary,
    d.rooms_occupied - d.rooms_complimentary AS rooms_sold, d.guests_in_house AS guests_in_house, d.room_revenue AS room_revenue, d.other_revenue AS other_revenue,
    d.arrivals AS arrivals, d.departures AS departures, d.stayovers AS stayovers, d.day_use AS day_use, d.no_shows AS no_shows,
    d.gross_pickup_nights AS gross_pickup_nights, tupleElement(arrayFirst(x -> d.business_date < x.1, arraySort(c.steps)), 2) AS capacity,
    if(capacity > 0, 100 * rooms_sold / capacity, NULL) AS occupancy_usali,
    if(rooms_sold > 0, toFloat64(d.room_revenue) / rooms_sold, NULL) AS adr, if(capacity > 0, toFloat64(d.room_revenue) / capacity, NULL) AS revpar,
    d.rooms_house_use AS rooms_house_use, d.charges_elsewhere AS charges_elsewhere, d.arrivals_booked AS arrivals_booked, d.cancellations AS cancellations,
    d.nights_arrived AS nights_arrived, p.currency AS currency, if(s.property_id = '', NULL, s.restated_at) AS restated_at
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
            FROM (SELECT property_id, business_date, reservation_id, charge_kind, amount, currency FROM {database:Identifier}.v_charges_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE NOT voided) AS f
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
LEFT JOIN (SELECT property_id, business_date, restated_at FROM {database:Identifier}.v_restatements_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')})) AS s ON s.property_id = d.property_id AND s.business_date = d.business_date
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
    currency String COMMENT 'ISO 4217 code of the revenue; empty where the hotel\'s settings name none',
    restated_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the log took the last word about the date that came after its night audit (v_restatements); empty: none'
)
AS SELECT
    property_id, business_date, rooms_occupied, rooms_complimentary, rooms_sold, guests_in_house, room_revenue,
    other_revenue, arrivals, departures, stayovers, day_use, no_shows, gross_pickup_nights, capacity,
    occupancy_usali, adr, revpar, rooms_house_use, charges_elsewhere, arrivals_booked, cancellations, nights_arrived,
    currency, restated_at
FROM {database:Identifier}.v_occupancy_daily_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Each business date of each hotel: rooms, guests, revenue and the three ratios';

CREATE OR REPLACE VIEW v_kpis_daily_at
AS SELECT
    k.property_id AS property_id, k.business_date AS business_date, k.currency AS currency, k.rooms_available AS rooms_available,
    k.rooms_out_of_order AS rooms_out_of_order, k.rooms_sellable AS rooms_sellable, k.rooms_sold AS rooms_sold, k.rooms_complimentary AS rooms_complimentary,
    k.rooms_house_use AS rooms_house_use, k.day_use AS day_use, k.room_revenue AS room_revenue, k.other_revenue AS other_revenue, k.total_revenue AS total_revenue,
    CAST(round(toDecimal128(k.rooms_sold, 6) * 100 / nullIf(k.rooms_available, 0), 2), 'Nullable(Decimal(9, 2))') AS occupancy_usali,
    CAST(round(toDecimal128(k.rooms_sold, 6) * 100 / nullIf(k.rooms_sellable, 0), 2), 'Nullable(Decimal(9, 2))') AS occupancy_sellable,
    CAST(round(toDecimal128(k.room_revenue, 8) / nullIf(k.rooms_sold, 0), 4), 'Nullable(Decimal(38, 4))') AS adr, CAST(round(toDecimal128(k.room_revenue, 8) / nullIf(k.rooms_available, 0), 4), 'Nullable(Decimal(38, 4))') AS revpar,
    CAST(round(toDecimal128(k.total_revenue, 8) / nullIf(k.rooms_available, 0), 4), 'Nullable(Decimal(38, 4))') AS trevpar, k.stays AS stays, k.stay_nights AS stay_nights,
    CAST(round(toDecimal128(k.stay_nights, 6) / nullIf(k.stays, 0), 2), 'Nullable(Decimal(18, 2))') AS alos, k.arrivals_booked AS arrivals_booked, k.no_shows AS no_shows,
    CAST(round(toDecimal128(k.no_shows, 6) * 100 / nullIf(k.arrivals_booked, 0), 2), 'Nullable(Decimal(9, 2))') AS no_show_percent, k.arrivals_booked + k.cancellations AS reservations,
    k.cancellations AS cancellations, CAST(round(toDecimal128(k.cancellations, 6) * 100 / nullIf(reservations, 0), 2), 'Nullable(Decimal(9, 2))') AS cancellation_percent, k.charges_elsewhere AS charges_elsewhere, k.restated_at AS restated_at
FROM (
    SELECT
        d.property_id AS property_id, d.business_date AS business_date, d.currency AS currency,
        greatest(0, tupleElement(arrayFirst(x -> d.business_date < x.1, arraySort(c.steps)), 2) - b.closed) AS rooms_available,
        b.blocked AS rooms_out_of_order, greatest(0, rooms_available - b.blocked) AS rooms_sellable, if(d.real, d.sold, 0) AS rooms_sold,
        if(d.real, d.free - d.house, 0) AS rooms_complimentary, if(d.real, d.house, 0) AS rooms_house_use, if(d.real, d.used, 0) AS day_use,
        if(d.real, d.room, 0) AS room_revenue, if(d.real, d.other, 0) AS other_revenue, room_revenue + other_revenue AS total_revenue, if(d.real, d.came, 0) AS stays,
        if(d.real, d.nights, 0) AS stay_nights, if(d.real, d.booked, 0) AS arrivals_booked, if(d.real, d.missed, 0) AS no_shows,
        if(d.real, d.dropped, 0) AS cancellations, if(d.real, d.elsewhere, 0) AS charges_elsewhere, if(d.real, d.restated_at, NULL) AS restated_at
    FROM (
        -- A day without anybody is a day, too: from the first to the last on which anybody stayed, arrived or left.
        SELECT property_id, toDate32(toInt32(arrayJoin(range(day, greatest(day + 1, least(next, last + 1)))))) AS business_date, toInt64(toInt32(business_date)) = day AS real, currency, rooms_sold AS sold,
            rooms_complimentary AS free, rooms_house_use AS house, o.day_use AS used, o.room_revenue AS room, o.other_revenue AS other, arrivals AS came, nights_arrived AS nights,
            o.arrivals_booked AS booked, o.no_shows AS missed, o.cancellations AS dropped, o.charges_elsewhere AS elsewhere, o.restated_at AS restated_at
        FROM (
            SELECT * EXCEPT business_date, toInt64(toInt32(business_date)) AS day, leadInFrame(day, 1, day + 1) OVER (PARTITION BY property_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next,
                minIf(day, busy) OVER (PARTITION BY property_id) AS first, maxIf(day, busy) OVER (PARTITION BY property_id) AS last
            FROM (SELECT *, rooms_occupied + arrivals + departures + day_use > 0 AS busy FROM {database:Identifier}.v_occupancy_daily_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}))
        ) AS o
        WHERE day BETWEEN first AND last
    ) AS d
    LEFT JOIN (SELECT property_id, groupArray((to_date, capacity)) AS steps FROM {database:Identifier}.v_capacity_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) GROUP BY property_id) AS c ON c.property_id = d.property_id
    LEFT JOIN (
        SELECT property_id, toDate32(arrayJoin(range(toInt32(from_date), toInt32(least(to_date, toDate32(least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC'))) + 1))))) AS date,
            toInt64(uniqExactIf(room_id, NOT closure)) AS blocked, toInt64(uniqExactIf(room_id, closure)) AS closed
        FROM {database:Identifier}.v_room_blocks_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE block = 'out_of_order' GROUP BY property_id, date
    ) AS b ON b.property_id = d.property_id AND b.date = d.business_date
) AS k
COMMENT 'The figures of each business date as of a moment, with the columns of v_kpis_daily';

CREATE OR REPLACE VIEW v_kpis_daily
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date',
    currency String COMMENT 'ISO 4217 code of all money here: the hotel\'s',
    rooms_available Int64 COMMENT 'Inventory of the date less rooms closed for 30 days or more (v_room_blocks.closure); n of occupancy_usali, revpar and trevpar',
    rooms_out_of_order Int64 COMMENT 'Rooms out of order at the end of the date, closed ones left out',
    rooms_sellable Int64 COMMENT 'rooms_available - rooms_out_of_order; n of occupancy_sellable',
    rooms_sold Int64 COMMENT 'Rooms occupied overnight and paid: less complimentary, house use, day use and no-shows; n of adr',
    rooms_complimentary Int64 COMMENT 'Rooms occupied and not sold, house use left out',
    rooms_house_use Int64 COMMENT 'Rooms occupied by the house itself (complimentary, market segment house use)',
    day_use Int64 COMMENT 'Rooms let and given back on one day: revenue, no night',
    room_revenue Decimal(38, 4) COMMENT 'Room charges of the date, those of day use and no-shows too',
    other_revenue Decimal(38, 4) COMMENT 'All other charges of the date',
    total_revenue Decimal(38, 4) COMMENT 'room_revenue + other_revenue',
    occupancy_usali Nullable(Decimal(9, 2)) COMMENT 'Percent: 100 x rooms_sold / rooms_available (USALI: rooms out of order are not deducted)',
    occupancy_sellable Nullable(Decimal(9, 2)) COMMENT 'Percent: 100 x rooms_sold / rooms_sellable',
    adr Nullable(Decimal(38, 4)) COMMENT 'Average daily rate: room_revenue / rooms_sold',
    revpar Nullable(Decimal(38, 4)) COMMENT 'room_revenue / rooms_available',
    trevpar Nullable(Decimal(38, 4)) COMMENT 'total_revenue / rooms_available',
    stays Int64 COMMENT 'Overnight stays that began on the date; n of alos',
    stay_nights Int64 COMMENT 'Nights they booked',
    alos Nullable(Decimal(18, 2)) COMMENT 'Average length of stay in nights: stay_nights / stays',
    arrivals_booked Int64 COMMENT 'Reservations to arrive on the date that were not cancelled, day use too; n of no_show_percent',
    no_shows Int64 COMMENT 'of which did not come',
    no_show_percent Nullable(Decimal(9, 2)) COMMENT '100 x no_shows / arrivals_booked',
    reservations Int64 COMMENT 'All reservations to arrive on the date; n of cancellation_percent',
    cancellations Int64 COMMENT 'of which were cancelled',
    cancellation_percent Nullable(Decimal(9, 2)) COMMENT '100 x cancellations / reservations',
    charges_elsewhere Int64 COMMENT 'Charges in another currency, left out of all sums',
    restated_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the log took the last word about the date that came after its night audit (v_restatements); empty: none'
)
AS SELECT
    property_id, business_date, currency, rooms_available, rooms_out_of_order, rooms_sellable, rooms_sold,
    rooms_complimentary, rooms_house_use, day_use, room_revenue, other_revenue, total_revenue, occupancy_usali,
    occupancy_sellable, adr, revpar, trevpar, stays, stay_nights, alos, arrivals_booked, no_shows, no_show_percent,
    reservations, cancellations, cancellation_percent, charges_elsewhere, restated_at
FROM {database:Identifier}.v_kpis_daily_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'The figures of each business date of each hotel with their formulas and n, from the first to the last day with guests. Source: v_occupancy_daily (charges, reservations and stays of topic rooms), v_room_blocks, v_capacity';
