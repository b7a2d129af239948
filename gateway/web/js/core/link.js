/** @import {Link, LinkState} from "./types.js" */

/** Nothing heard for this long (two heartbeats and a bit): what is shown may be old. */
export const STALE_AFTER_MS = 45_000;
/** Gone for longer than this, "reconnecting" would be a euphemism. */
export const OFFLINE_AFTER_MS = 8_000;

/**
 * What may honestly be said about the connection.
 * @param {{open: boolean, everOpen: boolean, signedOut: boolean, polling: boolean, lostAt: number,
 *   heardAt: number}} seen times in ms @param {number} now ms @returns {Link}
 */
export function judge(seen, now) {
  const { polling } = seen;
  /** @param {LinkState} state @param {number} since @returns {Link} */
  const link = (state, since) => ({ state, since, polling });
  if (seen.signedOut) return link("signed-out", seen.lostAt);
  if (seen.open) {
    return now - seen.heardAt > STALE_AFTER_MS ? link("stale", seen.heardAt) : link("live", seen.heardAt);
  }
  if (now - seen.lostAt > OFFLINE_AFTER_MS) return link("offline", seen.lostAt);
  return link(seen.everOpen ? "reconnecting" : "connecting", seen.lostAt);
}

/** One short sentence for people. @param {Link} link @param {(ms: number) => string} clock @returns {string} */
export function sentence(link, clock) {
  switch (link.state) {
    case "live":
      return link.polling ? "Live, by the slower way" : "Live";
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
