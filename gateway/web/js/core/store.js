/** @import {Entity} from "./types.js" */

/** Which field names an entity of each kind. */
export const KEYS = /** @type {const} */ ({
  rooms: "room_id",
  requests: "request_id",
  catalogue: "item",
  threads: "thread_id",
  messages: "message_id",
  notifications: "notification_id",
  alerts: "alert_id",
  announcements: "announcement_id",
  shifts: "staff_id",
  people: "user_id",
  online: "user_id",
  loads: "id",
  occupancy: "id",
  system: "event_id",
});
/** @typedef {keyof typeof KEYS} Kind */
/** @typedef {{kinds: Partial<Record<Kind, Entity[]>>, told: Kind[]}} Known all that a store knows */

/** Said anew to everybody who comes: of an earlier page it would be a lie. @type {Set<Kind>} */
const OF_NOW = new Set(["online"]);

/** @type {Record<string, [Kind, string?]>} the kind an event changes, and the field of `d` that holds the entity */
const ABOUT = {
  service_request_updated: ["requests", "request"],
  staff_assigned: ["requests", "request"],
  room_status_changed: ["rooms", "room"],
  new_message: ["messages"],
  notification: ["notifications", "notification"],
  notification_updated: ["notifications", "notification"],
  emergency_alert: ["alerts", "alert"],
  alert_updated: ["alerts", "alert"],
  announcement: ["announcements", "announcement"],
  occupancy_updated: ["occupancy"],
  service_load_updated: ["loads"],
  guest_online: ["online"],
  system_alert: ["system"],
};

/** What the page shows: entities by kind and id. Says `change` (detail: kind) when one of them changed. */
export class Store extends EventTarget {
  constructor() {
    super();
    /** @type {Map<Kind, Map<string, Entity>>} */
    this.kinds = new Map();
    /** How many changes were heard so far, and with which of them each entity last changed. */
    this.heard = 0;
    /** @type {Map<string, number>} */
    this.changed = new Map();
    /** Of these the house has said what there is. @type {Set<Kind>} */
    this.told = new Set();
  }

  /** Whether a list may be called empty. @param {Kind} kind @returns {boolean} */
  knows(kind) {
    return this.told.has(kind);
  }

  /** @param {Kind} kind @returns {Map<string, Entity>} */
  of(kind) {
    let found = this.kinds.get(kind);
    if (!found) this.kinds.set(kind, (found = new Map()));
    return found;
  }

  /** @param {Kind} kind @returns {Entity[]} */
  list(kind) {
    return [...this.of(kind).values()];
  }

  /** What there is to keep. @returns {Known} */
  dump() {
    const kinds = [...this.kinds].filter(([kind]) => !OF_NOW.has(kind)).map(([kind, all]) => [kind, [...all.values()]]);
    return { kinds: Object.fromEntries(kinds), told: [...this.told].filter((kind) => !OF_NOW.has(kind)) };
  }

  /** Begin with what was known once. @param {Known} known */
  restore({ kinds, told }) {
    for (const kind of /** @type {Kind[]} */ (Object.keys(kinds))) {
      if (kind in KEYS) this.fill(kind, kinds[kind] ?? []);
    }
    this.told = new Set(told);
  }

  /** Know nothing. */
  clear() {
    this.told.clear();
    for (const kind of this.kinds.keys()) {
      this.of(kind).clear();
      this.#say(kind);
    }
  }

  /** Lay what an event says over what is known. @param {Kind} kind @param {Entity} entity */
  put(kind, entity) {
    const id = entity[KEYS[kind]];
    if (typeof id !== "string") return;
    const all = this.of(kind);
    all.set(id, { ...all.get(id), ...entity });
    this.changed.set(`${kind} ${id}`, ++this.heard);
    this.#say(kind);
  }

  /** A fresh list from the gateway; `keep`: those not named stay (a page of a longer history); `since`:
   * what was heard when it was asked for: an answer never takes back what came meanwhile.
   * @param {Kind} kind @param {readonly Entity[]} entities @param {{keep?: boolean, since?: number}} [how] */
  fill(kind, entities, { keep = false, since = Infinity } = {}) {
    this.told.add(kind);
    const all = this.of(kind);
    const before = new Map(all);
    if (!keep) all.clear();
    for (const entity of entities) {
      const id = entity[KEYS[kind]];
      if (typeof id !== "string") continue;
      const newer = (this.changed.get(`${kind} ${id}`) ?? 0) > since;
      const known = before.get(id);
      all.set(id, newer ? { ...entity, ...known } : { ...known, ...entity });
    }
    this.#say(kind);
  }

  /**
   * Take an event. Older than what is known of its entity (`version`): no effect.
   * @param {string} type @param {Entity} d
   */
  apply(type, d) {
    if (type === "staff_online") return this.#colleague(d);
    if (type === "thread_updated") return this.#thread(d);
    if (type === "message_delivered" || type === "message_read") return this.#mark(type === "message_read" ? "reads" : "delivered", d);
    const [kind, field] = ABOUT[type] ?? [];
    if (!kind) return;
    /** @type {Entity|null} */
    const entity = field ? d[field] : d;
    if (!entity) return void (d["change"] === "expired" && this.#drop(kind, d[KEYS[kind]]));
    const known = this.of(kind).get(entity[KEYS[kind]])?.["version"];
    if (known !== undefined && d["version"] !== undefined && d["version"] < known) return;
    this.put(kind, d["version"] === undefined ? entity : { ...entity, version: d["version"] });
  }

  /** A shift, or whether the person is connected: both come as `staff_online`. @param {Entity} d */
  #colleague(d) {
    if (d["shift"]) this.put("shifts", d["shift"]);
    if (d["state"]) this.put("online", d);
  }

  /** @param {Entity} d */
  #thread(d) {
    /** @type {Entity} */
    const told = { thread_id: d["thread_id"] };
    if (d["change"] === "thread_opened") Object.assign(told, d["fact"], { opened_at: d["at"] });
    if (d["change"] === "thread_closed") told["closed"] = true;
    if (d["change"] === "message_sent") told["last_at"] = d["at"];
    this.put("threads", told);
  }

  /** Up to which message somebody is; never back, where an older word is told again. @param {"delivered"|"reads"} marks @param {Entity} d */
  #mark(marks, d) {
    const known = this.of("threads").get(d["thread_id"])?.[marks];
    const at = (/** @type {string|undefined} */ id) => this.of("messages").get(id ?? "")?.["at"];
    if (at(d["fact"]?.["message_id"]) < at(known?.[d["actor_id"]])) return;
    this.put("threads", { thread_id: d["thread_id"], [marks]: { ...known, [d["actor_id"]]: d["fact"]?.["message_id"] } });
  }

  /** @param {Kind} kind @param {unknown} id */
  #drop(kind, id) {
    if (typeof id === "string" && this.of(kind).delete(id)) this.#say(kind);
  }

  /** @param {Kind} kind */
  #say(kind) {
    this.dispatchEvent(new CustomEvent("change", { detail: kind }));
  }
}
