-- A message that came to a device is a fact of its chat, beside the one that was read.
ALTER TABLE chat_events COMMENT COLUMN kind 'thread_opened, member_joined, message_sent, message_read, message_delivered or thread_closed';

ALTER TABLE chat_events COMMENT COLUMN message_id 'The message that was read, or came, up to';

CREATE OR REPLACE VIEW v_chat_facts
(
    property_id String COMMENT 'The hotel; * is the whole group',
    kind String COMMENT 'thread_opened, member_joined, message_sent, message_read, message_delivered or thread_closed',
    logged_at DateTime64(3, 'UTC') COMMENT 'When it was on the log: the broker\'s time',
    thread_id String COMMENT 'The thread',
    claimed_at DateTime64(3, 'UTC') COMMENT 'The device\'s own clock',
    text_length Int64 COMMENT 'Characters of a message',
    message_id String COMMENT 'The message that was read, or came, up to',
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
