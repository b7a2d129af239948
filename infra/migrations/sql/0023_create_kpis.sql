-- Each figure with its formula and its n, as docs/how-to/query-cookbook.md uses them.
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
    k.cancellations AS cancellations, CAST(round(toDecimal128(k.cancellations, 6) * 100 / nullIf(reservations, 0), 2), 'Nullable(Decimal(9, 2))') AS cancellation_percent, k.charges_elsewhere AS charges_elsewhere
FROM (
    SELECT
        d.property_id AS property_id, d.business_date AS business_date, d.currency AS currency,
        greatest(0, tupleElement(arrayFirst(x -> d.business_date < x.1, arraySort(c.steps)), 2) - b.closed) AS rooms_available,
        b.blocked AS rooms_out_of_order, greatest(0, rooms_available - b.blocked) AS rooms_sellable, if(d.real, d.sold, 0) AS rooms_sold,
        if(d.real, d.free - d.house, 0) AS rooms_complimentary, if(d.real, d.house, 0) AS rooms_house_use, if(d.real, d.used, 0) AS day_use,
        if(d.real, d.room, 0) AS room_revenue, if(d.real, d.other, 0) AS other_revenue, room_revenue + other_revenue AS total_revenue, if(d.real, d.came, 0) AS stays,
        if(d.real, d.nights, 0) AS stay_nights, if(d.real, d.booked, 0) AS arrivals_booked, if(d.real, d.missed, 0) AS no_shows,
        if(d.real, d.dropped, 0) AS cancellations, if(d.real, d.elsewhere, 0) AS charges_elsewhere
    FROM (
        -- A day without anybody is a day, too: from the first to the last on which anybody stayed, arrived or left.
        SELECT property_id, toDate32(toInt32(arrayJoin(range(day, greatest(day + 1, least(next, last + 1)))))) AS business_date, toInt64(toInt32(business_date)) = day AS real, currency, rooms_sold AS sold,
            rooms_complimentary AS free, rooms_house_use AS house, o.day_use AS used, o.room_revenue AS room, o.other_revenue AS other, arrivals AS came, nights_arrived AS nights,
            o.arrivals_booked AS booked, o.no_shows AS missed, o.cancellations AS dropped, o.charges_elsewhere AS elsewhere
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
    charges_elsewhere Int64 COMMENT 'Charges in another currency, left out of all sums'
)
AS SELECT
    property_id, business_date, currency, rooms_available, rooms_out_of_order, rooms_sellable, rooms_sold,
    rooms_complimentary, rooms_house_use, day_use, room_revenue, other_revenue, total_revenue, occupancy_usali,
    occupancy_sellable, adr, revpar, trevpar, stays, stay_nights, alos, arrivals_booked, no_shows, no_show_percent,
    reservations, cancellations, cancellation_percent, charges_elsewhere
FROM {database:Identifier}.v_kpis_daily_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'The figures of each business date of each hotel with their formulas and n, from the first to the last day with guests. Source: v_occupancy_daily (charges, reservations and stays of topic rooms), v_room_blocks, v_capacity';

CREATE OR REPLACE VIEW v_kpis_monthly_at
AS SELECT
    k.property_id AS property_id, k.month AS month, k.days AS days, k.currency AS currency, k.rooms_available AS rooms_available,
    k.rooms_out_of_order AS rooms_out_of_order, k.rooms_sellable AS rooms_sellable, k.rooms_sold AS rooms_sold, k.rooms_complimentary AS rooms_complimentary,
    k.rooms_house_use AS rooms_house_use, k.day_use AS day_use, k.room_revenue AS room_revenue, k.other_revenue AS other_revenue, k.total_revenue AS total_revenue,
    CAST(round(toDecimal128(k.rooms_sold, 6) * 100 / nullIf(k.rooms_available, 0), 2), 'Nullable(Decimal(9, 2))') AS occupancy_usali,
    CAST(round(toDecimal128(k.rooms_sold, 6) * 100 / nullIf(k.rooms_sellable, 0), 2), 'Nullable(Decimal(9, 2))') AS occupancy_sellable,
    CAST(round(toDecimal128(k.room_revenue, 8) / nullIf(k.rooms_sold, 0), 4), 'Nullable(Decimal(38, 4))') AS adr, CAST(round(toDecimal128(k.room_revenue, 8) / nullIf(k.rooms_available, 0), 4), 'Nullable(Decimal(38, 4))') AS revpar,
    CAST(round(toDecimal128(k.total_revenue, 8) / nullIf(k.rooms_available, 0), 4), 'Nullable(Decimal(38, 4))') AS trevpar, k.stays AS stays, k.stay_nights AS stay_nights,
    CAST(round(toDecimal128(k.stay_nights, 6) / nullIf(k.stays, 0), 2), 'Nullable(Decimal(18, 2))') AS alos, k.arrivals_booked AS arrivals_booked, k.no_shows AS no_shows,
    CAST(round(toDecimal128(k.no_shows, 6) * 100 / nullIf(k.arrivals_booked, 0), 2), 'Nullable(Decimal(9, 2))') AS no_show_percent, k.arrivals_booked + k.cancellations AS reservations,
    k.cancellations AS cancellations, CAST(round(toDecimal128(k.cancellations, 6) * 100 / nullIf(reservations, 0), 2), 'Nullable(Decimal(9, 2))') AS cancellation_percent, k.charges_elsewhere AS charges_elsewhere
FROM (
    SELECT
        property_id, toDate32(toStartOfMonth(business_date)) AS month, toInt64(count()) AS days, any(d.currency) AS currency,
        sum(d.rooms_available) AS rooms_available, sum(d.rooms_out_of_order) AS rooms_out_of_order, sum(d.rooms_sellable) AS rooms_sellable,
        sum(d.rooms_sold) AS rooms_sold, sum(d.rooms_complimentary) AS rooms_complimentary, sum(d.rooms_house_use) AS rooms_house_use,
        sum(d.day_use) AS day_use, sum(d.room_revenue) AS room_revenue, sum(d.other_revenue) AS other_revenue,
        sum(d.total_revenue) AS total_revenue, sum(d.stays) AS stays, sum(d.stay_nights) AS stay_nights,
        sum(d.arrivals_booked) AS arrivals_booked, sum(d.no_shows) AS no_shows, sum(d.cancellations) AS cancellations,
        sum(d.charges_elsewhere) AS charges_elsewhere
    FROM {database:Identifier}.v_kpis_daily_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS d GROUP BY property_id, month
) AS k
COMMENT 'The figures of each month as of a moment, with the columns of v_kpis_monthly';

CREATE OR REPLACE VIEW v_kpis_monthly
(
    property_id String COMMENT 'The hotel',
    month Date32 COMMENT 'First day of the month',
    days Int64 COMMENT 'Business dates of the month, from the first to the last day with guests',
    currency String COMMENT 'ISO 4217 code of all money here: the hotel\'s',
    rooms_available Int64 COMMENT 'Inventory of each date less rooms closed for 30 days or more (v_room_blocks.closure); n of occupancy_usali, revpar and trevpar',
    rooms_out_of_order Int64 COMMENT 'Sum over the dates of rooms out of order at their end, closed ones left out',
    rooms_sellable Int64 COMMENT 'rooms_available - rooms_out_of_order; n of occupancy_sellable',
    rooms_sold Int64 COMMENT 'Rooms occupied overnight and paid: less complimentary, house use, day use and no-shows; n of adr',
    rooms_complimentary Int64 COMMENT 'Rooms occupied and not sold, house use left out',
    rooms_house_use Int64 COMMENT 'Rooms occupied by the house itself (complimentary, market segment house use)',
    day_use Int64 COMMENT 'Rooms let and given back on one day: revenue, no night',
    room_revenue Decimal(38, 4) COMMENT 'Room charges of the month, those of day use and no-shows too',
    other_revenue Decimal(38, 4) COMMENT 'All other charges of the month',
    total_revenue Decimal(38, 4) COMMENT 'room_revenue + other_revenue',
    occupancy_usali Nullable(Decimal(9, 2)) COMMENT 'Percent: 100 x rooms_sold / rooms_available (USALI: rooms out of order are not deducted)',
    occupancy_sellable Nullable(Decimal(9, 2)) COMMENT 'Percent: 100 x rooms_sold / rooms_sellable',
    adr Nullable(Decimal(38, 4)) COMMENT 'Average daily rate: room_revenue / rooms_sold',
    revpar Nullable(Decimal(38, 4)) COMMENT 'room_revenue / rooms_available',
    trevpar Nullable(Decimal(38, 4)) COMMENT 'total_revenue / rooms_available',
    stays Int64 COMMENT 'Overnight stays that began in the month; n of alos',
    stay_nights Int64 COMMENT 'Nights they booked',
    alos Nullable(Decimal(18, 2)) COMMENT 'Average length of stay in nights: stay_nights / stays',
    arrivals_booked Int64 COMMENT 'Reservations to arrive in the month that were not cancelled, day use too; n of no_show_percent',
    no_shows Int64 COMMENT 'of which did not come',
    no_show_percent Nullable(Decimal(9, 2)) COMMENT '100 x no_shows / arrivals_booked',
    reservations Int64 COMMENT 'All reservations to arrive in the month; n of cancellation_percent',
    cancellations Int64 COMMENT 'of which were cancelled',
    cancellation_percent Nullable(Decimal(9, 2)) COMMENT '100 x cancellations / reservations',
    charges_elsewhere Int64 COMMENT 'Charges in another currency, left out of all sums'
)
AS SELECT
    property_id, month, days, currency, rooms_available, rooms_out_of_order, rooms_sellable, rooms_sold,
    rooms_complimentary, rooms_house_use, day_use, room_revenue, other_revenue, total_revenue, occupancy_usali,
    occupancy_sellable, adr, revpar, trevpar, stays, stay_nights, alos, arrivals_booked, no_shows, no_show_percent,
    reservations, cancellations, cancellation_percent, charges_elsewhere
FROM {database:Identifier}.v_kpis_monthly_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'The figures of each month of each hotel with their formulas and n: sums over its days, never means of means. Source: v_kpis_daily';
