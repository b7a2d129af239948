/** @import {Frame} from "./types.js" */

/** Events are said again only within one change of the way to the house. */
const KEPT = 1_000;

/** Which events were heard lately. */
export class Recent {
  constructor() {
    /** @type {Set<string>} */
    this.keys = new Set();
  }

  /** @param {Frame} frame @returns {boolean} false if this very event was heard; signals have no cursor and are always news */
  isNew(frame) {
    if (!frame["cur"]) return true;
    const key = `${frame["ch"]} ${frame["type"]} ${frame["id"]}`;
    if (this.keys.has(key)) return false;
    this.keys.add(key);
    if (this.keys.size > KEPT) this.keys.delete(this.keys.values().next().value ?? "");
    return true;
  }
}
