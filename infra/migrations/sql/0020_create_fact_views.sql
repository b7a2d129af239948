-- One view a family of facts: what was said, each once, immutable. All else is made of these.
CREATE OR REPLACE VIEW v_room_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    room_id String COMMENT 'The room',
    dimension String COMMENT 'front_office, housekeeping, block, guest_service, seen or discrepancy',
    value String COMMENT 'Its new value',
    reason String COMMENT 'Why, for a block',
    until Nullable(DateTime64(3, 'UTC')) COMMENT 'Until when, for a block',
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
    property_id, kind, occurred_at, recorded_at, logged_at, room_id, dimension, value, reason, until, actor_id,
    actor_role, source_system, source_event_id, causation_id, event_id, fact_id, _partition AS `partition`,
    _offset AS `offset`, _fact AS `fact`
FROM room_status_changes FINAL
COMMENT 'Facts of rooms: one row a change of one dimension of one room, as it was said';

CREATE OR REPLACE VIEW v_reservation_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    reservation_id String COMMENT 'The reservation',
    arrival Nullable(Date32) COMMENT 'Day of arrival, of a reservation made',
    departure Nullable(Date32) COMMENT 'Day of departure; equal to arrival: day use',
    booked_on Nullable(Date32) COMMENT 'Day it was booked',
    room_type String COMMENT 'Room type booked',
    room_id String COMMENT 'The room, empty where not said',
    guest_id String COMMENT 'The guest, empty where not said',
    rate Decimal(38, 4) COMMENT 'Price of one night',
    currency String COMMENT 'ISO 4217 code of the rate',
    adults Int64 COMMENT 'Adults',
    children Int64 COMMENT 'Children',
    babies Int64 COMMENT 'Babies',
    segment String COMMENT 'Market segment',
    channel String COMMENT 'Distribution channel',
    country String COMMENT 'Country of origin, as the source says it',
    complimentary Bool COMMENT 'Occupied but not sold',
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
    property_id, kind, occurred_at, recorded_at, logged_at, reservation_id, arrival, departure, booked_on, room_type,
    room_id, guest_id, rate, currency, adults, children, babies, segment, channel, country, complimentary, actor_id,
    actor_role, source_system, source_event_id, causation_id, event_id, fact_id, _partition AS `partition`,
    _offset AS `offset`, _fact AS `fact`
FROM reservation_facts FINAL
COMMENT 'Facts of reservations: made (and each change of it), cancelled, no-show, room assigned';

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
COMMENT 'Facts of stays: one row a check-in or check-out';

CREATE OR REPLACE VIEW v_folio_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    charge_id String COMMENT 'The charge',
    reservation_id String COMMENT 'The reservation',
    business_date Date32 COMMENT 'Business date it counts for',
    charge_kind String COMMENT 'room, food, minibar, spa or other',
    amount Decimal(38, 4) COMMENT 'Amount; negative corrects',
    currency String COMMENT 'ISO 4217 code',
    text String COMMENT 'What the bill says',
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
    property_id, kind, occurred_at, recorded_at, logged_at, charge_id, reservation_id, business_date, charge_kind,
    amount, currency, text, actor_id, actor_role, source_system, source_event_id, causation_id, event_id, fact_id,
    _partition AS `partition`, _offset AS `offset`, _fact AS `fact`
FROM charges FINAL
COMMENT 'Facts of folios: one row a charge, in the currency it was made in';

CREATE OR REPLACE VIEW v_audit_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    closed Date32 COMMENT 'Business date that was closed',
    opened Date32 COMMENT 'Business date from then on',
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
    property_id, kind, occurred_at, recorded_at, logged_at, closed, opened, actor_id, actor_role, source_system,
    source_event_id, causation_id, event_id, fact_id, _partition AS `partition`, _offset AS `offset`, _fact AS `fact`
FROM night_audits FINAL
COMMENT 'Facts of business dates: one row a night audit';

CREATE OR REPLACE VIEW v_service_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    request_id String COMMENT 'The request',
    room_id String COMMENT 'Where, of a request made',
    guest_id String COMMENT 'For whom, empty where not said',
    item String COMMENT 'What of the catalogue',
    department String COMMENT 'Who does such things',
    priority Int64 COMMENT '1 (most urgent) to 4; 0 where not said',
    credits Float64 COMMENT 'Work in it',
    accept_by Nullable(DateTime64(3, 'UTC')) COMMENT 'Promise: accepted by',
    resolve_by Nullable(DateTime64(3, 'UTC')) COMMENT 'Promise: completed by',
    staff_id String COMMENT 'The member of staff, empty where nobody',
    promise String COMMENT 'Which promise was broken: accept or resolve',
    due_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the broken promise was due',
    score Int64 COMMENT 'Rating 1 to 5; 0 where not rated',
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
    property_id, kind, occurred_at, recorded_at, logged_at, request_id, room_id, guest_id, item, department, priority,
    credits, accept_by, resolve_by, staff_id, promise, due_at, score, actor_id, actor_role, source_system,
    source_event_id, causation_id, event_id, fact_id, _partition AS `partition`, _offset AS `offset`, _fact AS `fact`
FROM service_facts FINAL
COMMENT 'Facts of service requests: one row a step; notes are nowhere in the warehouse';

CREATE OR REPLACE VIEW v_staff_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    shift_id String COMMENT 'The shift',
    staff_id String COMMENT 'The member of staff',
    department String COMMENT 'Department',
    starts_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Planned start',
    ends_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Planned end',
    zones Array(String) COMMENT 'Zones; empty: everywhere',
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
    property_id, kind, occurred_at, recorded_at, logged_at, shift_id, staff_id, department, starts_at, ends_at, zones,
    actor_id, actor_role, source_system, source_event_id, causation_id, event_id, fact_id, _partition AS `partition`,
    _offset AS `offset`, _fact AS `fact`
FROM shift_facts FINAL
COMMENT 'Facts of shifts: planned, started, ended, breaks';

CREATE OR REPLACE VIEW v_alert_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    alert_id String COMMENT 'The emergency or announcement',
    emergency_kind String COMMENT 'medical, fire, security, panic, technical or other',
    room_id String COMMENT 'The room, empty where not said',
    location String COMMENT 'Where exactly',
    drill Bool COMMENT 'An exercise',
    realert_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it rings again',
    times Int64 COMMENT 'How often it rang again',
    staff_id String COMMENT 'Who acknowledged or resolved',
    audience String COMMENT 'Of an announcement: house or staff',
    until Nullable(DateTime64(3, 'UTC')) COMMENT 'Of an announcement: shown until',
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
    property_id, kind, occurred_at, recorded_at, logged_at, alert_id, emergency_kind, room_id, location, drill,
    realert_at, times, staff_id, audience, until, actor_id, actor_role, source_system, source_event_id, causation_id,
    event_id, fact_id, _partition AS `partition`, _offset AS `offset`, _fact AS `fact`
FROM alert_facts FINAL
COMMENT 'Facts of emergencies and announcements; what an announcement says is in v_announcements';

CREATE OR REPLACE VIEW v_notification_facts
(
    property_id String COMMENT 'The hotel',
    kind String COMMENT 'Which fact it is, as its field is called on the log',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we heard of it',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    notification_id String COMMENT 'The notification',
    user_id String COMMENT 'Who is told',
    category String COMMENT 'assignment, request, announcement or emergency',
    channels Array(String) COMMENT 'bell, push',
    expires_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Forgotten at',
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
    property_id, kind, occurred_at, recorded_at, logged_at, notification_id, user_id, category, channels, expires_at,
    actor_id, actor_role, source_system, source_event_id, causation_id, event_id, fact_id, _partition AS `partition`,
    _offset AS `offset`, _fact AS `fact`
FROM notification_facts FINAL
COMMENT 'Facts of notifications: notified, seen, read, expired; texts are nowhere in the warehouse';

CREATE OR REPLACE VIEW v_chat_facts
(
    property_id String COMMENT 'The hotel; * is the whole group',
    kind String COMMENT 'thread_opened, member_joined, message_sent, message_read or thread_closed',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    thread_id String COMMENT 'The thread',
    claimed_at DateTime64(3, 'UTC') COMMENT 'The device\'s own clock',
    text_length Int64 COMMENT 'Characters of a message',
    message_id String COMMENT 'The message read up to',
    user_id String COMMENT 'Who joined',
    thread_kind String COMMENT 'guest_department or staff',
    department String COMMENT 'Department of a new thread',
    guest_id String COMMENT 'Guest of a new thread',
    actor_id String COMMENT 'Who',
    actor_role String COMMENT 'In which role',
    event_id String COMMENT 'Id of the record',
    partition Int64 COMMENT 'Partition of the log record this row comes from',
    offset Int64 COMMENT 'Offset of that record'
)
AS SELECT
    property_id, kind, logged_at, thread_id, claimed_at, text_length, message_id, user_id, thread_kind, department,
    guest_id, actor_id, actor_role, event_id, _partition AS `partition`, _offset AS `offset`
FROM (SELECT * FROM chat_events ORDER BY _offset LIMIT 1 BY event_id)
COMMENT 'Facts of chats: times and lengths, never a text; a message sent again counts once';
