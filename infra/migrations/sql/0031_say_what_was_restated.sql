-- The new views in the frontier, the new facts and words in the dictionary.
CREATE OR REPLACE VIEW v_views
(
    view String COMMENT 'The view; its _at view is of the same topics, but those of the folders (v_occupancy_live_at and the like), which are of facts',
    topics Array(String) COMMENT 'Topics its rows are made of'
)
AS SELECT pair.1 AS view, pair.2 AS topics
FROM (
    SELECT arrayJoin([
        ('v_alert_facts', ['alerts']),
        ('v_alerts', ['alerts']),
        ('v_announcements', ['alerts']),
        ('v_audit_facts', ['rooms']),
        ('v_business_dates', ['rooms']),
        ('v_capacity', ['settings']),
        ('v_charges', ['rooms']),
        ('v_chat_facts', ['chats']),
        ('v_chat_kpis', ['chats', 'settings']),
        ('v_chat_responses', ['chats']),
        ('v_chat_threads', ['chats']),
        ('v_dead_letters', ['dead_letters']),
        ('v_decision_candidates', ['alerts', 'notifications', 'rooms', 'services', 'staff']),
        ('v_decisions', ['alerts', 'notifications', 'rooms', 'services', 'staff']),
        ('v_deliveries', ['deliveries']),
        ('v_discrepancies', ['rooms']),
        ('v_folio_facts', ['rooms']),
        ('v_kpis_daily', ['rooms', 'settings']),
        ('v_kpis_monthly', ['rooms', 'settings']),
        ('v_movements', ['rooms']),
        ('v_notification_facts', ['notifications']),
        ('v_notification_reach', ['deliveries', 'notifications']),
        ('v_notifications', ['notifications']),
        ('v_occupancy_daily', ['rooms', 'settings']),
        ('v_occupancy_live', ['occupancy.state']),
        ('v_occupancy_monthly', ['rooms', 'settings']),
        ('v_on_the_books_at', ['rooms', 'settings']),
        ('v_on_the_books_daily', ['rooms']),
        ('v_pickup', ['rooms', 'settings']),
        ('v_pickup_today', ['rooms', 'settings']),
        ('v_properties', ['settings']),
        ('v_reservation_facts', ['rooms']),
        ('v_reservations', ['rooms']),
        ('v_restatements', ['rooms']),
        ('v_revenue_daily', ['rooms']),
        ('v_revenue_live', ['revenue.state']),
        ('v_revenue_segments', ['rooms']),
        ('v_revocations', ['settings']),
        ('v_room_blocks', ['rooms', 'settings']),
        ('v_room_facts', ['rooms']),
        ('v_rooms_now', ['rooms', 'settings']),
        ('v_service_backlog', ['services']),
        ('v_service_facts', ['services']),
        ('v_service_kpis', ['services', 'settings']),
        ('v_service_load', ['service_load.state']),
        ('v_service_queue', ['services']),
        ('v_service_requests', ['services']),
        ('v_service_steps', ['services']),
        ('v_service_work', ['services']),
        ('v_staff_facts', ['staff']),
        ('v_staff_performance', ['performance.state']),
        ('v_staff_performance_daily', ['services', 'settings', 'staff']),
        ('v_staff_shifts', ['services', 'staff']),
        ('v_stay_facts', ['rooms']),
        ('v_stays', ['rooms']),
        ('v_system_alerts', ['system']),
        ('v_time_zones', ['settings']),
        ('v_void_facts', ['rooms'])
    ]) AS pair
)
COMMENT 'Of which topics each view is made';

CREATE OR REPLACE VIEW v_frontier
(
    view String COMMENT 'The view',
    property_id String COMMENT 'The hotel',
    complete_until DateTime64(3, 'UTC') COMMENT 'The frontier: all that the log held of the hotel at this time is in the view, and nothing says so of later',
    behind_seconds Float64 COMMENT 'Seconds since complete_until',
    newest_event_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Newest event of the hotel (occurred_at; of chats the broker\'s time) in the view\'s topics. A source may still tell of older ones: they count when they come',
    next_offsets Map(String, Int64) COMMENT 'Of each topic the first offset that is not yet in: all below it are',
    partition Int64 COMMENT 'The hotel\'s partition of these topics'
)
AS SELECT v.view AS view, p.property_id AS property_id, min(f.complete_until) AS complete_until, dateDiff('millisecond', complete_until, now64(3, 'UTC')) / 1000 AS behind_seconds,
    max(e.newest) AS newest_event_at, mapFromArrays(groupArray(f.topic), groupArray(toInt64(f.next_offset))) AS next_offsets, any(f.partition) AS partition
FROM (SELECT view, arrayJoin(topics) AS topic, length(topics) AS topics_n FROM v_views) AS v
INNER JOIN v_freshness AS f ON f.topic = v.topic
INNER JOIN (SELECT property_id, toInt64(CRC32(property_id) % (SELECT greatest(1, uniqExact(_partition)) FROM progress)) AS partition FROM v_properties) AS p ON p.partition = f.partition
LEFT JOIN (
    SELECT property_id, topic, toNullable(max(at)) AS newest
    FROM (
        SELECT property_id, 'rooms' AS topic, max(occurred_at) AS at FROM room_status_changes GROUP BY property_id UNION ALL
        SELECT property_id, 'rooms', max(occurred_at) FROM reservation_facts GROUP BY property_id UNION ALL
        SELECT property_id, 'rooms', max(occurred_at) FROM stay_facts GROUP BY property_id UNION ALL
        SELECT property_id, 'rooms', max(occurred_at) FROM charges GROUP BY property_id UNION ALL
        SELECT property_id, 'rooms', max(occurred_at) FROM charge_voids GROUP BY property_id UNION ALL
        SELECT property_id, 'rooms', max(occurred_at) FROM night_audits GROUP BY property_id UNION ALL
        SELECT property_id, 'services', max(occurred_at) FROM service_facts GROUP BY property_id UNION ALL
        SELECT property_id, 'staff', max(occurred_at) FROM shift_facts GROUP BY property_id UNION ALL
        SELECT property_id, 'alerts', max(occurred_at) FROM alert_facts GROUP BY property_id UNION ALL
        SELECT property_id, 'notifications', max(occurred_at) FROM notification_facts GROUP BY property_id UNION ALL
        SELECT property_id, 'chats', max(logged_at) FROM chat_events GROUP BY property_id UNION ALL
        SELECT property_id, 'deliveries', max(at) FROM deliveries GROUP BY property_id
    )
    GROUP BY property_id, topic
) AS e ON e.property_id = p.property_id AND e.topic = v.topic
GROUP BY v.view, p.property_id
HAVING count() = any(v.topics_n)
COMMENT 'Up to where each view is complete, per hotel; a view is missing while one of its topics was never written';

ALTER TABLE system_alerts COMMENT COLUMN kind 'part_died, lag, dead_letters, push_refused, stalled or restated';

ALTER TABLE stay_facts MODIFY COMMENT 'One row a check-in, a check-out, or the reversal of one (facts of topic rooms)';

CREATE OR REPLACE VIEW v_system_alerts
(
    property_id String COMMENT 'The hotel',
    at DateTime64(3, 'UTC') COMMENT 'When',
    kind String COMMENT 'part_died, lag, dead_letters, push_refused, stalled or restated',
    part String COMMENT 'Which part',
    sentence String COMMENT 'What a person would say',
    value Float64 COMMENT 'The figure behind it',
    over Bool COMMENT 'Whether what was said before of this kind and part has ended',
    event_id String COMMENT 'Id'
)
AS SELECT property_id, at, kind, part, sentence, value, over, event_id
FROM (
    SELECT property_id, at, kind, part, sentence, value, over, event_id FROM system_alerts FINAL ORDER BY at LIMIT 1 BY event_id
)
COMMENT 'Every word of a watchdog';
