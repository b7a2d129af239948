// Made from gateway/payloads.py by `python -m infra.docs`. Times are ms since 1970, money is text.

/** A request was made or took a step. */
export interface ServiceRequestUpdated {
  causation_id: string;
  actor_id: string | null;
  offset: number;
  change: string;
  fact: Record<string, unknown>;
  request: Request | null;
  version: number;
}

/** Somebody said something. `at`: broker time, `claimed_at`: the sender's clock (ms). */
export interface NewMessage {
  message_id: string;
  thread_id: string;
  actor_id: string;
  actor_role: "guest" | "staff" | "manager" | "admin" | "system" | "data";
  device_id: string;
  sequence: number;
  claimed_at: number;
  at: number;
  text: string;
}

/** A request was given to `request.staff_id`. */
export interface StaffAssigned {
  causation_id: string;
  actor_id: string | null;
  offset: number;
  change: string;
  fact: Record<string, unknown>;
  request: Request | null;
  version: number;
}

/** A guest came, looks away, looks again, or left. */
export interface GuestOnline {
  user_id: string;
  role: "guest" | "staff" | "manager" | "admin" | "system" | "data";
  state: "connected" | "away" | "offline";
}

/** Something about a room changed. */
export interface RoomStatusChanged {
  causation_id: string;
  actor_id: string | null;
  offset: number;
  change: string;
  fact: Record<string, unknown>;
  room: Room | null;
  version: number;
}

/** An emergency was raised, or nobody has acknowledged it yet. */
export interface EmergencyAlert {
  causation_id: string;
  actor_id: string | null;
  offset: number;
  change: string;
  fact: Record<string, unknown>;
  alert: Alert | null;
  version: number;
}

/** The house now. */
export interface OccupancyUpdated {
  property_id: string;
  kind: string;
  id: string;
  vector: Record<string, number>;
  as_of: number;
  business_date: string | null;
  rooms: number;
  occupied: number;
  out_of_order: number;
  out_of_service: number;
  dirty: number;
  ready: number;
  guests: number;
  arrivals_expected: number;
  arrivals_done: number;
  departures_expected: number;
  departures_done: number;
}

/** A department's queue now. */
export interface ServiceLoadUpdated {
  property_id: string;
  kind: string;
  id: string;
  vector: Record<string, number>;
  as_of: number;
  open: number;
  assigned: number;
  accepted: number;
  started: number;
  completed: number;
  breached_open: number;
  oldest_open_at: number | null;
  credits_open: number;
}

/** Somebody told the house, or staff, something. */
export interface Announcement {
  causation_id: string;
  actor_id: string | null;
  offset: number;
  change: string;
  fact: Record<string, unknown>;
  announcement: AnnouncementShown | null;
}

/** A new notification. */
export interface Notification {
  causation_id: string;
  actor_id: string | null;
  offset: number;
  change: string;
  fact: Record<string, unknown>;
  notification_id: string;
  notification: BellItem | null;
}

/** A notification was seen or read, or is over. */
export interface NotificationUpdated {
  causation_id: string;
  actor_id: string | null;
  offset: number;
  change: string;
  fact: Record<string, unknown>;
  notification_id: string;
  notification: BellItem | null;
}

/** `actor_id` has read the chat up to a message. */
export interface MessageRead {
  thread_id: string;
  change: string;
  actor_id: string;
  fact: MarkedUpTo;
}

/** The chat has come to a device of `actor_id` up to a message. */
export interface MessageDelivered {
  thread_id: string;
  change: string;
  actor_id: string;
  fact: MarkedUpTo;
}

/** A chat was opened, joined or closed (`actor_id`, `fact`), or has a new message (`message_id`, `at`). */
export interface ThreadUpdated {
  thread_id: string;
  change: string;
  actor_id?: string | null;
  fact?: Record<string, unknown> | null;
  message_id?: string | null;
  at?: number | null;
}

/** Somebody writes, or no more. */
export interface Typing {
  thread_id: string;
  user_id: string;
  on: boolean;
}

/** A member of staff came, looks away or left (`role`, `state`), or their shift changed (all else). */
export interface StaffOnline {
  user_id: string;
  role?: "guest" | "staff" | "manager" | "admin" | "system" | "data" | null;
  state?: "connected" | "away" | "offline" | null;
  on_duty?: boolean | null;
  shift?: Shift | null;
  causation_id?: string | null;
  actor_id?: string | null;
  offset?: number | null;
  change?: string | null;
  fact?: Record<string, unknown> | null;
}

/** A member of staff since the log began. */
export interface StaffPerformanceUpdated {
  property_id: string;
  kind: string;
  id: string;
  vector: Record<string, number>;
  as_of: number;
  department: string;
  on_shift: boolean;
  on_break: boolean;
  assigned: number;
  accepted: number;
  completed: number;
  released: number;
  response_ms: number;
  resolution_ms: number;
  resolved_on_time: number;
  credits_done: number;
  ratings: number;
  rating_sum: number;
}

/** A business date's revenue. */
export interface RevenueUpdated {
  property_id: string;
  kind: string;
  id: string;
  vector: Record<string, number>;
  as_of: number;
  business_date: string;
  currency: string;
  room_revenue: string;
  other_revenue: string;
  room_nights: number;
  complimentary_nights: number;
  charges: number;
}

/** An emergency was acknowledged or is over. */
export interface AlertUpdated {
  causation_id: string;
  actor_id: string | null;
  offset: number;
  change: string;
  fact: Record<string, unknown>;
  alert: Alert | null;
  version: number;
}

/** A watchdog's word to managers and admins. */
export interface SystemAlert {
  event_id: string;
  property_id: string;
  kind: "part_died" | "lag" | "dead_letters" | "push_refused" | "stalled" | "restated" | "audit";
  part: string;
  sentence: string;
  value?: number;
  at: number;
  over?: boolean;
}

/** No to a command of yours, and why. */
export interface CommandRejected {
  causation_id: string;
  code: string;
  message: string;
}

/** What is true now, as far as the channel is about it; what it is not about is None. `earlier`: a chat has more messages than these. */
export interface Snapshot {
  property?: Property | null;
  announcements?: Array<AnnouncementShown> | null;
  alerts?: Array<Alert> | null;
  rooms?: Array<Room> | null;
  requests?: Array<Request> | null;
  shifts?: Array<Shift> | null;
  online?: Array<Person> | null;
  occupancy?: OccupancyUpdated | null;
  service_load?: Array<ServiceLoadUpdated> | null;
  performance?: Array<StaffPerformanceUpdated> | null;
  revenue?: Array<RevenueUpdated> | null;
  system_alerts?: Array<SystemAlert> | null;
  notifications?: Array<BellItem> | null;
  threads?: Array<Thread> | null;
  thread?: Thread | null;
  messages?: Array<NewMessage> | null;
  earlier?: boolean | null;
}

/** A service request now. `version`: in snapshots. */
export interface Request {
  request_id: string;
  status?: "open" | "assigned" | "accepted" | "started" | "completed" | "cancelled";
  room_id: string;
  guest_id?: string | null;
  item: string;
  department: string;
  priority: number;
  credits: number;
  note?: string;
  staff_id?: string | null;
  accept_by: number;
  resolve_by: number;
  created_at: number;
  assigned_at?: number | null;
  accepted_at?: number | null;
  started_at?: number | null;
  completed_at?: number | null;
  cancelled_at?: number | null;
  breached?: Array<"accept" | "resolve">;
  score?: number | null;
  reopened?: number;
  version?: number | null;
}

/** A room now. A guest is told the room's id and its four dimensions. `version`: in snapshots. */
export interface Room {
  room_id: string;
  front_office?: "vacant" | "occupied";
  housekeeping?: "clean" | "dirty" | "pickup" | "inspected";
  block?: "none" | "out_of_order" | "out_of_service";
  guest_service?: "none" | "do_not_disturb" | "make_up_room" | "service_declined";
  changed_at?: Record<string, number>;
  block_reason?: string;
  block_until?: number | null;
  discrepancy?: "none" | "sleep" | "skip" | "person" | "double_occupancy" | "blocked" | "not_ready";
  reservation_id?: string | null;
  guest_id?: string | null;
  seen?: "unknown" | "vacant" | "occupied";
  persons?: number | null;
  discrepancy_reason?: string;
  words?: Record<string, StatusWord>;
  version?: number | null;
}

/** What somebody said of a dimension, apart from what follows from stays. */
export interface StatusWord {
  at: number;
  value: string;
}

/** An emergency now. Who called is told to those who help. `version`: in snapshots. */
export interface Alert {
  alert_id: string;
  kind: "medical" | "fire" | "security" | "panic" | "technical" | "other";
  status?: "raised" | "acknowledged" | "resolved";
  room_id?: string | null;
  location: string;
  note?: string;
  drill?: boolean;
  raised_by?: string | null;
  raised_at: number;
  realert_at?: number | null;
  times?: number;
  acknowledged_by?: string | null;
  acknowledged_at?: number | null;
  resolved_at?: number | null;
  version?: number | null;
}

/** An announcement, to be shown until `until` (ms). */
export interface AnnouncementShown {
  announcement_id: string;
  audience: "house" | "staff";
  title: string;
  body: string;
  until: number;
  made_by: string;
  made_at: number;
}

/** A person's shift now. */
export interface Shift {
  staff_id: string;
  shift_id: string;
  department: string;
  zones?: Array<string>;
  started_at: number;
  ends_at: number;
  ended_at?: number | null;
  on_break_since?: number | null;
  break_ms?: number;
}

/** A notification now. */
export interface BellItem {
  notification_id: string;
  user_id: string;
  category: "assignment" | "request" | "announcement" | "emergency";
  title: string;
  body: string;
  link?: string;
  channels: Array<"bell" | "push">;
  status?: "unseen" | "seen" | "read";
  notified_at: number;
  expires_at: number;
}

/** The hotel. */
export interface Property {
  name: string;
  time_zone: string;
  currency: string;
  departments: Array<string>;
  emergency_phone?: string;
  capacity?: number;
}

/** Somebody who is connected. */
export interface Person {
  user_id: string;
  role: "guest" | "staff" | "manager" | "admin" | "system" | "data";
  state: "connected" | "away" | "offline";
}

/** A chat without its messages. `delivered`, `reads`: up to which message each person is. */
export interface Thread {
  thread_id: string;
  kind: "guest_department" | "staff";
  subject: string;
  department: string;
  guest_id: string | null;
  members: Array<string>;
  opened_by: string;
  opened_at: number;
  closed: boolean;
  delivered: Record<string, string>;
  reads: Record<string, string>;
  last_message_id: string | null;
  last_at: number;
}

/** `message_id`, up to which. */
export interface MarkedUpTo {
  message_id: string;
}

/** What `d` of each type holds. */
export interface Told {
  service_request_updated: ServiceRequestUpdated;
  new_message: NewMessage;
  staff_assigned: StaffAssigned;
  guest_online: GuestOnline;
  room_status_changed: RoomStatusChanged;
  emergency_alert: EmergencyAlert;
  occupancy_updated: OccupancyUpdated;
  service_load_updated: ServiceLoadUpdated;
  announcement: Announcement;
  notification: Notification;
  notification_updated: NotificationUpdated;
  message_read: MessageRead;
  message_delivered: MessageDelivered;
  thread_updated: ThreadUpdated;
  typing: Typing;
  staff_online: StaffOnline;
  staff_performance_updated: StaffPerformanceUpdated;
  revenue_updated: RevenueUpdated;
  alert_updated: AlertUpdated;
  system_alert: SystemAlert;
  command_rejected: CommandRejected;
}

/** An event: `switch (frame.type)` tells what `frame.d` is. `at`: ms; signals have no `cur`. */
export type Ev = { [Type in keyof Told]: {
  t: "ev"; type: Type; ch: string; id: string; at: number; d: Told[Type]; cur?: string;
} }[keyof Told];
