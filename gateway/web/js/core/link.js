/** @import {Link, LinkState, Seen, Way} from "./types.js" */

/** Nothing heard for this long (two heartbeats and a bit): what is shown may be old. */
export const STALE_AFTER_MS = 45_000;
/** Something was asked, and nothing at all was heard since for this long: an ack takes a gateway 5.5 s at most. */
export const ANSWER_MS = 6_000;
/** Gone for longer than this, "reconnecting" would be a euphemism. */
export const OFFLINE_AFTER_MS = 8_000;

/**
 * What may honestly be said about the connection.
 * @param {Seen} seen @param {number} now ms @returns {Link}
 */
export function judge(seen, now) {
  const { way } = seen;
  /** @param {LinkState} state @param {number} since @returns {Link} */
  const link = (state, since) => ({ state, since, way, asOf: seen.asOf });
  if (seen.signedOut) return link("signed-out", seen.lostAt);
  // The gateway itself says that its log is away.
  if (seen.open && seen.staleSince !== null) return link("stale", seen.staleSince);
  if (seen.open) {
    const unanswered = seen.askedAt !== null && now - seen.askedAt > ANSWER_MS;
    return unanswered || now - seen.heardAt > STALE_AFTER_MS ? link("stale", seen.heardAt) : link("live", seen.heardAt);
  }
  if (now - seen.lostAt > OFFLINE_AFTER_MS) return link("offline", seen.lostAt);
  return link(seen.everOpen ? "reconnecting" : "connecting", seen.lostAt);
}

/** How it is said that no socket could be had. @type {Record<Way, string>} */
const LIVE = { socket: "Live", stream: "Live, by stream", poll: "Live, by asking" };

/** One short sentence for people. @param {Link} link @param {(ms: number) => string} clock @returns {string} */
export function sentence(link, clock) {
  return link.asOf === null ? stateOf(link, clock) : `${stateOf(link, clock)} · as of ${clock(link.asOf)}`;
}

/** @param {Link} link @param {(ms: number) => string} clock @returns {string} */
function stateOf(link, clock) {
  switch (link.state) {
    case "live":
      return LIVE[link.way];
    case "connecting":
      return "Connecting…";
    case "reconnecting":
      return "Reconnecting…";
    case "stale":
      return `Nothing heard since ${clock(link.since)}`;
    case "offline":
      return `Offline since ${clock(link.since)}`;
    case "signed-out":
      return "Signed out";
  }
}
