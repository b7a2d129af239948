-- A folder's record counts by what it reflects, not by where it lies: a worker that was thawed may write an
-- older value behind a newer one. Vectors of one folder only grow, so the greatest sum is the newest.

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
    FROM occupancy_snapshots ORDER BY arraySum(mapValues(vector)) DESC, _offset DESC LIMIT 1 BY property_id
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
    FROM revenue_snapshots ORDER BY arraySum(mapValues(vector)) DESC, _offset DESC LIMIT 1 BY property_id, business_date
)
COMMENT 'Revenue of each business date, as the revenue fold says';

CREATE OR REPLACE VIEW v_service_load
(
    property_id String COMMENT 'The hotel',
    department String COMMENT 'Department',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    open Int64 COMMENT 'Open',
    assigned Int64 COMMENT 'Assigned',
    accepted Int64 COMMENT 'Accepted',
    started Int64 COMMENT 'Started',
    completed Int64 COMMENT 'Completed since the log began',
    breached_open Int64 COMMENT 'Not done, and a promise broken',
    oldest_open_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the oldest open one was made',
    credits_open Float64 COMMENT 'Work not done'
)
AS SELECT property_id, department, as_of, open, assigned, accepted, started, completed, breached_open, oldest_open_at, credits_open
FROM (
    SELECT property_id, department, as_of, open, assigned, accepted, started, completed, breached_open, oldest_open_at, credits_open
    FROM service_load_snapshots ORDER BY arraySum(mapValues(vector)) DESC, _offset DESC LIMIT 1 BY property_id, department
)
COMMENT 'The queue of each department now, as its fold says';

CREATE OR REPLACE VIEW v_staff_performance
(
    property_id String COMMENT 'The hotel',
    staff_id String COMMENT 'The member of staff',
    as_of DateTime64(3, 'UTC') COMMENT 'Newest event it reflects',
    department String COMMENT 'Department',
    on_shift Bool COMMENT 'On duty',
    on_break Bool COMMENT 'On a break',
    assigned Int64 COMMENT 'Assigned',
    accepted Int64 COMMENT 'Accepted',
    completed Int64 COMMENT 'Completed',
    released Int64 COMMENT 'Given back',
    response_minutes Nullable(Float64) COMMENT 'Mean minutes from made to accepted; n is accepted',
    resolution_minutes Nullable(Float64) COMMENT 'Mean minutes from made to completed; n is completed',
    on_time_percent Nullable(Float64) COMMENT 'Completed within the promise',
    credits_done Float64 COMMENT 'Work done',
    ratings Int64 COMMENT 'Ratings',
    rating Nullable(Float64) COMMENT 'Their mean'
)
AS SELECT property_id, staff_id, as_of, department, on_shift, on_break, assigned, accepted, completed, released, response_minutes, resolution_minutes, on_time_percent, credits_done, ratings, rating
FROM (
    SELECT property_id, staff_id, as_of, department, on_shift, on_break, assigned, accepted, completed, released,
        if(accepted > 0, response_ms / accepted / 60000, NULL) AS response_minutes, if(completed > 0, resolution_ms / completed / 60000, NULL) AS resolution_minutes,
        if(completed > 0, 100 * resolved_on_time / completed, NULL) AS on_time_percent, credits_done, ratings, if(ratings > 0, rating_sum / ratings, NULL) AS rating
    FROM performance_snapshots ORDER BY arraySum(mapValues(vector)) DESC, _offset DESC LIMIT 1 BY property_id, staff_id
)
COMMENT 'Each member of staff now, as the performance fold says';
