/** @import {Entity} from "./types.js" */

/** A part that was replaced says no more of what it said: a day later it is history. */
export const LASTS_MS = 24 * 3_600_000;

/** What watchdogs said that has not ended: of each kind and part the newest word, newest first.
 * @param {readonly Entity[]} words @param {number} now ms @returns {Entity[]} */
export function standing(words, now) {
  /** @type {Map<string, Entity>} */
  const last = new Map();
  for (const one of words) {
    const known = last.get(about(one));
    if (!known || one["at"] > known["at"] || (one["at"] === known["at"] && one["over"])) last.set(about(one), one);
  }
  return [...last.values()].filter((one) => !one["over"] && now - one["at"] < LASTS_MS).sort((a, b) => b["at"] - a["at"]);
}

/** @param {Entity} one @returns {string} what it is about */
export function about(one) {
  return `${one["kind"]} ${one["part"]}`;
}
