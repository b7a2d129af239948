-- What was said by mistake is taken back by a fact of its own, and the past changes with it: as of any moment before,
-- it is as it was known then.
CREATE TABLE IF NOT EXISTS charge_voids
(
    _partition UInt16 COMMENT 'Partition of the log record this row comes from',
    _offset UInt64 COMMENT 'Offset of that record',
    _fact UInt16 COMMENT 'Place of the fact in its answer, from 0',
    property_id LowCardinality(String) COMMENT 'The hotel',
    fact_id String COMMENT 'Id of the fact',
    event_id String COMMENT 'Id of the answer that holds the fact',
    causation_id String COMMENT 'Id of the command, intake batch or fact it answers',
    actor_id String COMMENT 'Who wanted it',
    actor_role LowCardinality(String) COMMENT 'In which role',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'The log\'s time of the record; of facts and chats it is the broker\'s',
    source_system LowCardinality(String) COMMENT 'Who says so: concierge, or a property system',
    source_event_id String COMMENT 'Id of it in that system, empty for our own',
    kind LowCardinality(String) COMMENT 'Which fact it is, as its field is called on the log',
    charge_id String COMMENT 'The charge that does not count',
    reservation_id String COMMENT 'The reservation it was posted on',
    reason String COMMENT 'Why'
)
ENGINE = ReplacingMergeTree
PARTITION BY _partition
ORDER BY (property_id, reservation_id, charge_id, _partition, _offset, _fact)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row a charge taken back (facts of topic rooms)';

CREATE OR REPLACE VIEW v_void_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    charge_id String COMMENT 'The charge that does not count',
    reservation_id String COMMENT 'The reservation it was posted on',
    reason String COMMENT 'Why',
    actor_id String COMMENT 'Who wanted it',
    actor_role String COMMENT 'In which role',
    source_system String COMMENT 'Who says so: concierge, or a property system',
    source_event_id String COMMENT 'Id of it in that system, empty for our own',
    causation_id String COMMENT 'Id of the command, intake batch or fact it answers',
    event_id String COMMENT 'Id of the answer that holds the fact',
    fact_id String COMMENT 'Id of the fact',
    partition Int64 COMMENT 'Partition of the log record this row comes from',
    offset Int64 COMMENT 'Offset of that record',
    fact Int64 COMMENT 'Place of the fact in its answer, from 0'
)
AS SELECT
    property_id, kind, occurred_at, recorded_at, logged_at, charge_id, reservation_id, reason, actor_id, actor_role, source_system,
    source_event_id, causation_id, event_id, fact_id, _partition AS `partition`, _offset AS `offset`, _fact AS `fact`
FROM charge_voids FINAL
COMMENT 'Facts of folios: one row a charge taken back';

CREATE OR REPLACE VIEW v_stay_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    reservation_id String COMMENT 'The reservation',
    room_id String COMMENT 'The room, empty where the source does not say it',
    guest_id String COMMENT 'The guest, empty where not said',
    actor_id String COMMENT 'Who wanted it',
    actor_role String COMMENT 'In which role',
    source_system String COMMENT 'Who says so: concierge, or a property system',
    source_event_id String COMMENT 'Id of it in that system, empty for our own',
    causation_id String COMMENT 'Id of the command, intake batch or fact it answers',
    event_id String COMMENT 'Id of the answer that holds the fact',
    fact_id String COMMENT 'Id of the fact',
    partition Int64 COMMENT 'Partition of the log record this row comes from',
    offset Int64 COMMENT 'Offset of that record',
    fact Int64 COMMENT 'Place of the fact in its answer, from 0'
)
AS SELECT
    property_id, kind, occurred_at, recorded_at, logged_at, reservation_id, room_id, guest_id, actor_id, actor_role,
    source_system, source_event_id, causation_id, event_id, fact_id, _partition AS `partition`, _offset AS `offset`,
    _fact AS `fact`
FROM stay_facts FINAL
COMMENT 'Facts of stays: one row a check-in, a check-out, or the reversal of one';

CREATE OR REPLACE VIEW v_charges_at
AS SELECT
    c.property_id AS property_id, c.business_date AS business_date, c.reservation_id AS reservation_id, c.charge_id AS charge_id,
    c.charge_kind AS charge_kind, c.amount AS amount, c.currency AS currency, c.text AS text, c.occurred_at AS posted_at, v.n > 0 AS voided,
    if(v.n > 0, v.voided_at, NULL) AS voided_at, v.reason AS void_reason, c.source_system AS source_system, c.logged_at AS logged_at
FROM (SELECT * FROM charges FINAL WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}) AS c
LEFT JOIN (
    SELECT property_id, reservation_id, charge_id, count() AS n, min(occurred_at) AS voided_at, argMin(reason, (occurred_at, _offset, _fact)) AS reason
    FROM charge_voids WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')} GROUP BY property_id, reservation_id, charge_id
) AS v ON v.property_id = c.property_id AND v.reservation_id = c.reservation_id AND v.charge_id = c.charge_id
COMMENT 'Every charge as of a moment, with the columns of v_charges';

CREATE OR REPLACE VIEW v_charges
(
    property_id String COMMENT 'The hotel',
    business_date Date32 COMMENT 'Business date it counts for',
    reservation_id String COMMENT 'The reservation',
    charge_id String COMMENT 'The charge',
    charge_kind String COMMENT 'room, food, minibar, spa or other',
    amount Decimal(38, 4) COMMENT 'Amount; negative corrects',
    currency String COMMENT 'ISO 4217 code',
    text String COMMENT 'What the bill says',
    posted_at DateTime64(3, 'UTC') COMMENT 'When it was posted',
    voided Bool COMMENT 'Whether it was taken back: then it counts in no sum, as if it never was',
    voided_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was taken back',
    void_reason String COMMENT 'Why; empty where it counts, or nobody said',
    source_system String COMMENT 'Who says so: concierge, or a property system',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time'
)
AS SELECT
    property_id, business_date, reservation_id, charge_id, charge_kind, amount, currency, text, posted_at, voided,
    voided_at, void_reason, source_system, logged_at
FROM {database:Identifier}.v_charges_at(as_of = '2299-12-31 23:59:59', known = '2299-12-31 23:59:59')
COMMENT 'Every charge on a folio, and whether it still counts';

CREATE OR REPLACE VIEW v_reservations_at
AS SELECT f.property_id AS property_id, f.reservation_id AS reservation_id,
    multiIf(f.went > 0, 'checked_out', f.came > 0, 'in_house', f.missed > 0, 'no_show', f.dropped > 0, 'cancelled', 'made') AS status,
    m.arrival AS arrival, m.departure AS departure, ifNull(toInt64(m.departure) - toInt64(m.arrival), 0) AS nights, m.booked_on AS booked_on,
    m.room_type AS room_type, f.last_room AS room_id, f.last_guest AS guest_id, m.rate AS rate, m.currency AS currency,
    toInt64(m.adults) AS adults, toInt64(m.children) AS children, toInt64(m.babies) AS babies, adults + children + babies AS guests,
    m.segment AS segment, m.channel AS channel, m.country AS country, m.complimentary AS complimentary,
    if(f.made > 0, f.first_made, NULL) AS made_at, if(f.dropped > 0, f.first_dropped, NULL) AS cancelled_at, if(f.missed > 0, f.first_missed, NULL) AS no_show_at,
    if(f.came > 0, f.first_came, NULL) AS checked_in_at, if(f.went > 0, f.last_went, NULL) AS checked_out_at,
    f.settled_at AS settled_at
FROM (
    SELECT property_id, reservation_id,
        countIf(kind = 'reservation_made') AS made, minIf(occurred_at, kind = 'reservation_made') AS first_made,
        countIf(kind = 'reservation_cancelled') AS dropped, minIf(occurred_at, kind = 'reservation_cancelled') AS first_dropped,
        countIf(kind = 'reservation_no_show') AS missed, minIf(occurred_at, kind = 'reservation_no_show') AS first_missed,
        countIf(kind = 'checked_in' AND NOT undone) AS came, minIf(occurred_at, kind = 'checked_in' AND NOT undone) AS first_came,
        countIf(kind = 'checked_out' AND NOT undone) AS went, maxIf(occurred_at, kind = 'checked_out' AND NOT undone) AS last_went,
        maxIf(logged_at, kind IN ('reservation_made', 'reservation_cancelled', 'reservation_no_show', 'checked_in', 'check_in_reversed')) AS settled_at,
        substring(maxIf(concat(place, room_id), room_id != ''), 17) AS last_room, substring(maxIf(concat(place, guest_id), guest_id != ''), 17) AS last_guest
    FROM (
        SELECT property_id, reservation_id, kind, occurred_at, logged_at, room_id, guest_id, false AS undone, leftPad(toString(toUnixTimestamp64Milli(occurred_at)), 16, '0') AS place
            FROM reservation_facts WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
        UNION ALL
        SELECT s.property_id, s.reservation_id, s.kind, s.occurred_at, s.logged_at, s.room_id, s.guest_id,
            u.n > 0 AND s.occurred_at <= if(s.kind = 'checked_in', u.uncame, u.unleft) AS undone, leftPad(toString(toUnixTimestamp64Milli(s.occurred_at)), 16, '0') AS place
        FROM (SELECT * FROM stay_facts WHERE occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}) AS s
        LEFT JOIN (
            -- Up to when coming and going do not count: a reversed check-in takes the check-outs before it along.
            SELECT property_id, reservation_id, count() AS n, maxIf(occurred_at, kind = 'check_in_reversed') AS uncame, max(occurred_at) AS unleft
            FROM stay_facts WHERE kind IN ('check_in_reversed', 'check_out_reversed') AND occurred_at <= {as_of:DateTime64(3, 'UTC')} AND logged_at <= {known:DateTime64(3, 'UTC')}
            GROUP BY property_id, reservation_id
        ) AS u ON u.property_id = s.property_id AND u.reservation_id = s.reservation_id
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
    status String COMMENT 'made, cancelled, no_show, in_house or checked_out: the highest in this order that was not reversed since',
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
    checked_in_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the guest came; empty where that was reversed',
    checked_out_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the guest left; empty where that was reversed',
    settled_at DateTime64(3, 'UTC') COMMENT 'When the log took the last word that decides on which dates it counts: made (and each change of it), cancelled, no-show, checked in, check-in reversed'
)
AS SELECT
    property_id, reservation_id, status, arrival, departure, nights, booked_on, room_type, room_id, guest_id, rate,
    currency, adults, children, babies, guests, segment, channel, country, complimentary, made_at, cancelled_at,
    no_show_at, checked_in_at, checked_out_at, settled_at
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
    FROM {database:Identifier}.v_charges_at(as_of = {as_of:DateTime64(3, 'UTC')}, known = {known:DateTime64(3, 'UTC')}) WHERE NOT voided GROUP BY property_id, reservation_id
) AS c ON c.property_id = r.property_id AND c.reservation_id = r.reservation_id
WHERE r.status IN ('in_house', 'checked_out')
COMMENT 'Every stay that had begun at a moment, with the columns of v_stays';
