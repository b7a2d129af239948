/** @import {Entity, Me} from "./types.js" */
/** @import {Kind} from "./store.js" */
import { Api } from "./api.js";
import { KEYS, Store } from "./store.js";

/** Which REST path holds which kinds: path to the answer's field and our kind. @type {Record<string, [string, Kind][]>} */
const PATHS = {
  "/api/services": [["requests", "requests"], ["catalogue", "catalogue"]],
  "/api/chat/rooms": [["rooms", "threads"]],
  "/api/notifications/history": [["notifications", "notifications"]],
  "/api/alerts": [["alerts", "alerts"]],
  "/api/announcements": [["announcements", "announcements"]],
  "/api/rooms": [["rooms", "rooms"]],
  "/api/people": [["people", "people"], ["shifts", "shifts"], ["online", "online"]],
};
/** Pages of one list that are read; a house has no more open requests or rooms than this many pages. */
const MOST_PAGES = 5;
const FOR_STAFF = new Set(["/api/rooms"]);

/** Everything a page of this person shows. One path that fails leaves the others.
 * @param {Api} api @param {Store} store @param {Me} me @returns {Promise<boolean>} whether all of it came */
export async function fetchAll(api, store, me) {
  const paths = Object.keys(PATHS).filter((path) => me.role !== "guest" || !FOR_STAFF.has(path));
  const done = await Promise.allSettled(paths.map((path) => fetchPath(api, store, path, me.role !== "guest" && path === "/api/services" ? { open_only: "true" } : {})));
  return done.every((one) => one.status === "fulfilled");
}

/** The gateway could not replay a channel: read what it shows anew. @param {Api} api @param {Store} store @param {Me} me @param {string} channel */
export async function fetchFor(api, store, me, channel) {
  if (channel.startsWith("thread:")) await fetchMessages(api, store, channel.slice("thread:".length));
  else await fetchAll(api, store, me);
}

/** A thread's newest messages, or the newest before one of them. @param {Api} api @param {Store} store
 * @param {string} threadId @param {string} [before] message id @returns {Promise<boolean>} whether there are older ones */
export async function fetchMessages(api, store, threadId, before) {
  const asked = new URLSearchParams({ thread_id: threadId, ...(before ? { before } : {}) });
  const said = await api.get(`/api/chat/messages?${asked}`);
  store.fill("messages", said.messages ?? [], { keep: true });
  return Boolean(said.earlier);
}

/** What a snapshot calls differently. @type {Record<string, Kind>} */
const NOUNS = { thread: "threads", service_load: "loads", system_alerts: "system" };

/** What came with `subbed`. @param {Store} store @param {Record<string, Entity[]|Entity|null>} snapshot */
export function takeSnapshot(store, snapshot) {
  for (const [noun, found] of Object.entries(snapshot)) {
    const kind = NOUNS[noun] ?? noun;
    if (kind in KEYS && found) store.fill(/** @type {Kind} */ (kind), Array.isArray(found) ? found : [found], { keep: true });
  }
}

/** @param {Api} api @param {Store} store @param {string} path @param {Record<string, string>} [query] */
async function fetchPath(api, store, path, query = {}) {
  let after = "";
  for (let n = 0; n < MOST_PAGES; n++) {
    const asked = new URLSearchParams({ ...query, ...(after ? { after } : {}) });
    const since = store.heard;
    const said = await api.get(asked.size ? `${path}?${asked}` : path);
    for (const [field, kind] of PATHS[path] ?? []) {
      if (Array.isArray(said[field])) store.fill(kind, said[field], { keep: true, since });
    }
    after = said.next ?? "";
    if (!after) return;
  }
}
