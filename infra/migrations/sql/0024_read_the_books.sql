-- What is booked, what was picked up, who comes and goes. Two moments at the same time of day are compared by the
-- hotel's wall clock: across a change of clocks seven days are not 168 hours.
CREATE OR REPLACE VIEW v_on_the_books_daily_at
AS SELECT property_id, stay_date, room_type, segment, channel, currency, toInt64(count()) AS room_nights, sum(rate) AS room_revenue
FROM (
    SELECT property_id, toDate32(addDays(assumeNotNull(arrival), arrayJoin(range(toUInt64(least(greatest(nights, 0), 1000)))))) AS stay_date, room_type, segment, channel, currency, rate
    FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE arrival IS NOT NULL AND cancelled_at IS NULL AND no_show_at IS NULL
)
GROUP BY property_id, stay_date, room_type, segment, channel, currency
COMMENT 'The books as they stood at a moment, with the columns of v_on_the_books_daily: by the time a reservation was made, where v_on_the_books_at goes by the day it was booked on';

CREATE OR REPLACE VIEW v_on_the_books_daily
(
    property_id String COMMENT 'The hotel',
    stay_date Date32 COMMENT 'Night',
    room_type String COMMENT 'Room type booked',
    segment String COMMENT 'Market segment',
    channel String COMMENT 'Distribution channel',
    currency String COMMENT 'ISO 4217 code of the rate',
    room_nights Int64 COMMENT 'Nights of reservations that were made and neither cancelled nor no-show, complimentary ones too',
    room_revenue Decimal(38, 4) COMMENT 'Those nights at the rate booked'
)
AS SELECT
    property_id, stay_date, room_type, segment, channel, currency, room_nights, room_revenue
FROM {database:Identifier}.v_on_the_books_daily_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'What is booked for each night, past and to come, by room type, segment and channel';

CREATE OR REPLACE VIEW v_pickup_at
AS SELECT property_id, stay_date, currency, toInt64(countIf(now_on)) AS room_nights, toInt64(countIf(then_on)) AS room_nights_before,
    room_nights - room_nights_before AS pickup_nights, sumIf(rate, now_on) AS room_revenue, sumIf(rate, then_on) AS room_revenue_before,
    room_revenue - room_revenue_before AS pickup_revenue
FROM (
    SELECT property_id, toDate32(addDays(assumeNotNull(arrival), arrayJoin(range(toUInt64(least(greatest(nights, 0), 1000)))))) AS stay_date, currency, rate, gone IS NULL AS now_on,
        made <= moment - INTERVAL {days:UInt16} DAY AND ifNull(gone > moment - INTERVAL {days:UInt16} DAY, true) AS then_on
    FROM (
        SELECT r.property_id AS property_id, r.arrival AS arrival, r.nights AS nights, r.rate AS rate, r.currency AS currency,
            parseDateTime64BestEffortOrZero(formatDateTime(r.made_at, '%F %T', if(z.zone = '', 'UTC', z.zone)), 3, 'UTC') AS made, least(r.cancelled_at, r.no_show_at) AS gone_at,
            if(gone_at IS NULL, NULL, parseDateTime64BestEffortOrZero(formatDateTime(gone_at, '%F %T', if(z.zone = '', 'UTC', z.zone)), 3, 'UTC')) AS gone, parseDateTime64BestEffortOrZero(formatDateTime(least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC')), '%F %T', if(z.zone = '', 'UTC', z.zone)), 3, 'UTC') AS moment
        FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS r LEFT JOIN v_time_zones AS z ON z.property_id = r.property_id
        WHERE r.arrival IS NOT NULL AND r.made_at IS NOT NULL
    )
)
WHERE now_on OR then_on
GROUP BY property_id, stay_date, currency
COMMENT 'Pickup up to a moment over so many days: v_pickup_at(as_of = now64(), known = now64(), days = 7), with the columns of v_pickup';

CREATE OR REPLACE VIEW v_pickup
(
    property_id String COMMENT 'The hotel',
    stay_date Date32 COMMENT 'Night',
    currency String COMMENT 'ISO 4217 code of the rates',
    room_nights Int64 COMMENT 'On the books as of the moment: nights made and neither cancelled nor no-show',
    room_nights_before Int64 COMMENT 'The same so many days before, at the same time of day where the hotel is',
    pickup_nights Int64 COMMENT 'room_nights - room_nights_before',
    room_revenue Decimal(38, 4) COMMENT 'room_nights at the rates booked',
    room_revenue_before Decimal(38, 4) COMMENT 'room_nights_before at the rates booked',
    pickup_revenue Decimal(38, 4) COMMENT 'room_revenue - room_revenue_before'
)
AS SELECT
    property_id, stay_date, currency, room_nights, room_nights_before, pickup_nights, room_revenue,
    room_revenue_before, pickup_revenue
FROM {database:Identifier}.v_pickup_at(as_of = now64(3, 'UTC'), known = now64(3, 'UTC'), days = 7)
COMMENT 'Pickup of the last seven days for each night: on the books now less on the books a week ago at the same time of day';

CREATE OR REPLACE VIEW v_pickup_today_at
AS SELECT
    property_id, toDate32(any(moment)) AS day, formatDateTime(any(moment), '%T') AS until_time, currency, sumIf(n, made >= midnight) AS nights_made,
    sumIf(n, gone >= midnight) AS nights_lost, nights_made - nights_lost AS pickup_nights, sumIf(n * rate, made >= midnight) - sumIf(n * rate, gone >= midnight) AS pickup_revenue,
    sumIf(n, made BETWEEN midnight - INTERVAL 7 DAY AND moment - INTERVAL 7 DAY) AS week_ago_nights_made,
    sumIf(n, gone BETWEEN midnight - INTERVAL 7 DAY AND moment - INTERVAL 7 DAY) AS week_ago_nights_lost,
    week_ago_nights_made - week_ago_nights_lost AS week_ago_pickup_nights,
    sumIf(n * rate, made BETWEEN midnight - INTERVAL 7 DAY AND moment - INTERVAL 7 DAY)
        - sumIf(n * rate, gone BETWEEN midnight - INTERVAL 7 DAY AND moment - INTERVAL 7 DAY) AS week_ago_pickup_revenue,
    pickup_nights - week_ago_pickup_nights AS difference_nights
FROM (
    SELECT property_id, currency, rate, greatest(nights, 0) AS n, made, gone, moment, toDateTime64(toDate32(moment), 3, 'UTC') AS midnight
    FROM (
        SELECT r.property_id AS property_id, r.arrival AS arrival, r.nights AS nights, r.rate AS rate, r.currency AS currency,
            parseDateTime64BestEffortOrZero(formatDateTime(r.made_at, '%F %T', if(z.zone = '', 'UTC', z.zone)), 3, 'UTC') AS made, least(r.cancelled_at, r.no_show_at) AS gone_at,
            if(gone_at IS NULL, NULL, parseDateTime64BestEffortOrZero(formatDateTime(gone_at, '%F %T', if(z.zone = '', 'UTC', z.zone)), 3, 'UTC')) AS gone, parseDateTime64BestEffortOrZero(formatDateTime(least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC')), '%F %T', if(z.zone = '', 'UTC', z.zone)), 3, 'UTC') AS moment
        FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS r LEFT JOIN v_time_zones AS z ON z.property_id = r.property_id
        WHERE r.arrival IS NOT NULL AND r.made_at IS NOT NULL
    )
)
GROUP BY property_id, currency
COMMENT 'Pickup of a day up to a moment, with the columns of v_pickup_today';

CREATE OR REPLACE VIEW v_pickup_today
(
    property_id String COMMENT 'The hotel',
    day Date32 COMMENT 'The day, where the hotel is',
    until_time String COMMENT 'The time of day it is counted to',
    currency String COMMENT 'ISO 4217 code of the rates',
    nights_made Int64 COMMENT 'Nights of reservations made since midnight',
    nights_lost Int64 COMMENT 'Nights of reservations cancelled or set to no-show since midnight',
    pickup_nights Int64 COMMENT 'nights_made - nights_lost',
    pickup_revenue Decimal(38, 4) COMMENT 'The same at the rates booked',
    week_ago_nights_made Int64 COMMENT 'nights_made on the same weekday last week up to the same time of day',
    week_ago_nights_lost Int64 COMMENT 'nights_lost then',
    week_ago_pickup_nights Int64 COMMENT 'pickup_nights then',
    week_ago_pickup_revenue Decimal(38, 4) COMMENT 'pickup_revenue then',
    difference_nights Int64 COMMENT 'pickup_nights - week_ago_pickup_nights'
)
AS SELECT
    property_id, day, until_time, currency, nights_made, nights_lost, pickup_nights, pickup_revenue,
    week_ago_nights_made, week_ago_nights_lost, week_ago_pickup_nights, week_ago_pickup_revenue, difference_nights
FROM {database:Identifier}.v_pickup_today_at(as_of = now64(3, 'UTC'), known = now64(3, 'UTC'))
COMMENT 'Pickup of today so far against the same weekday last week at the same time of day, where the hotel is';

CREATE OR REPLACE VIEW v_movements_at
AS SELECT property_id, part.1 AS business_date, toInt64(countIf(part.2 = 'in' AND status IN ('made', 'in_house', 'checked_out'))) AS arrivals_expected,
    toInt64(countIf(part.2 = 'in' AND came)) AS arrivals_done, toInt64(countIf(part.2 = 'out' AND (came OR status = 'made'))) AS departures_booked,
    toInt64(countIf(part.2 = 'out' AND came)) AS departures_expected, toInt64(countIf(part.2 = 'out' AND status = 'checked_out')) AS departures_done,
    toInt64(countIf(part.2 = 'stay' AND (came OR status = 'made'))) AS stayovers_expected, toInt64(countIf(part.2 = 'stay' AND came)) AS stayovers_done,
    toInt64(countIf(part.2 = 'in' AND status = 'no_show')) AS no_shows, toInt64(countIf(part.2 = 'in' AND status = 'cancelled')) AS cancellations
FROM (
    SELECT property_id, status, status IN ('in_house', 'checked_out') AS came, arrayJoin(arrayConcat([(day, 'in'), (toDate32(addDays(day, nights)), 'out')],
        if(nights > 1, arrayMap(night -> (toDate32(addDays(day, night)), 'stay'), range(1, toUInt64(greatest(1, least(nights, 1000))))), []))) AS part
    FROM (SELECT property_id, status, nights, assumeNotNull(arrival) AS day FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE arrival IS NOT NULL)
)
GROUP BY property_id, business_date
COMMENT 'Arrivals, departures and stayovers of each date as of a moment, with the columns of v_movements';

CREATE OR REPLACE VIEW v_movements
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date, past or to come',
    arrivals_expected Int64 COMMENT 'Reservations to arrive on the date: who came and who may still come, day use too',
    arrivals_done Int64 COMMENT 'of which came',
    departures_booked Int64 COMMENT 'Reservations to leave on the date that were neither cancelled nor no-show',
    departures_expected Int64 COMMENT 'of which came: in house, or gone',
    departures_done Int64 COMMENT 'of which left',
    stayovers_expected Int64 COMMENT 'Reservations in between: neither arriving nor leaving, neither cancelled nor no-show',
    stayovers_done Int64 COMMENT 'of which came',
    no_shows Int64 COMMENT 'Reservations to arrive on the date that did not come',
    cancellations Int64 COMMENT 'Reservations to arrive on the date that were cancelled'
)
AS SELECT
    property_id, business_date, arrivals_expected, arrivals_done, departures_booked, departures_expected,
    departures_done, stayovers_expected, stayovers_done, no_shows, cancellations
FROM {database:Identifier}.v_movements_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Arrivals, departures and stayovers of each date, expected and done, as booked';

CREATE OR REPLACE VIEW v_occupancy_live_at
AS SELECT
    p.property_id AS property_id, least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC')) AS as_of,
    CAST(if(b.property_id != '', b.opened, toDate32(formatDateTime(as_of, '%F', if(z.zone = '', 'UTC', z.zone)))), 'Nullable(Date32)') AS business_date,
    greatest(p.capacity, r.listed) AS rooms, r.taken + s.roomless AS occupied, r.out_of_order AS out_of_order, r.out_of_service AS out_of_service, r.dirty AS dirty,
    r.ready + greatest(0, rooms - r.listed - s.roomless) AS ready, s.guests AS guests, m.arrivals_expected AS arrivals_expected, m.arrivals_done AS arrivals_done,
    m.departures_expected AS departures_expected, m.departures_done AS departures_done, if(rooms > 0, 100 * occupied / rooms, NULL) AS occupancy_usali,
    if(rooms > r.out_of_order, 100 * occupied / (rooms - r.out_of_order), NULL) AS occupancy_sellable
FROM (
    SELECT property_id, toInt64(argMax(t.capacity, t._offset)) AS capacity, argMax(t.removed, t._offset) AS removed
    FROM property_settings AS t WHERE logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id
) AS p
LEFT JOIN v_time_zones AS z ON z.property_id = p.property_id
LEFT JOIN (SELECT property_id, max(opened) AS opened FROM night_audits WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id) AS b ON b.property_id = p.property_id
LEFT JOIN (
    SELECT property_id, toInt64(count()) AS listed, toInt64(countIf(front_office = 'occupied')) AS taken, toInt64(countIf(block = 'out_of_order')) AS out_of_order,
        toInt64(countIf(block = 'out_of_service')) AS out_of_service, toInt64(countIf(housekeeping = 'dirty')) AS dirty,
        toInt64(countIf(housekeeping IN ('clean', 'inspected') AND front_office != 'occupied' AND block = 'none')) AS ready
    FROM {database:Identifier}.v_rooms_now_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) GROUP BY property_id
) AS r ON r.property_id = p.property_id
LEFT JOIN (
    SELECT property_id, toInt64(countIf(room_id = '')) AS roomless, sum(v.guests) AS guests FROM {database:Identifier}.v_reservations_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS v WHERE status = 'in_house' GROUP BY property_id
) AS s ON s.property_id = p.property_id
LEFT JOIN {database:Identifier}.v_movements_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) AS m ON m.property_id = p.property_id AND m.business_date = if(b.property_id != '', b.opened, toDate32(formatDateTime(least({as_of:DateTime64(3, 'UTC')}, now64(3, 'UTC')), '%F', if(z.zone = '', 'UTC', z.zone))))
WHERE NOT p.removed
COMMENT 'The house at a moment, counted from the facts, with the columns of v_occupancy_live (which the occupancy fold counts)';
