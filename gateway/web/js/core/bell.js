/** @import {Entity} from "./types.js" */

/** What a bell shows: an emergency rings again and again, so of each its last word. @param {readonly Entity[]} mine
 * @returns {Entity[]} newest first */
export function newest(mine) {
  /** @type {Map<string, Entity>} */
  const last = new Map();
  for (const one of [...mine].sort((a, b) => a["notified_at"] - b["notified_at"])) {
    last.set(one["link"]?.startsWith("alert:") ? one["link"] : one["notification_id"], one);
  }
  return [...last.values()].sort((a, b) => b["notified_at"] - a["notified_at"]);
}

/** Who has seen the last word has seen all of it. @param {readonly Entity[]} mine @param {Entity} one @returns {string[]} ids not read yet */
export function allOf(mine, one) {
  const same = mine.filter((other) => other["status"] !== "read" && one["link"] && other["link"] === one["link"]);
  return same.length ? same.map((other) => other["notification_id"]) : [one["notification_id"]];
}
