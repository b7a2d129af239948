/** @import {Places} from "./types.js" */

/** How far this client has seen, per channel. Opaque strings: never compared, only shown again. */
export class Cursors {
  constructor() {
    /** @type {Map<string, string>} */
    this.by = new Map();
    /** A place at or before that of every channel, for ways that have one for all. @type {string|undefined} */
    this.floor = undefined;
  }

  /** @param {string} channel @param {string|undefined} cursor presence events carry none */
  saw(channel, cursor) {
    if (!cursor) return;
    this.by.set(channel, cursor);
    this.floor ??= cursor;
  }

  /** Everything up to here was heard, on every channel. @param {string} cursor */
  all(cursor) {
    for (const channel of this.by.keys()) this.by.set(channel, cursor);
    this.floor = cursor;
  }

  /** Those of some channels, to go on from. @param {Set<string>} channels @returns {Places} */
  places(channels) {
    return { by: [...this.by].filter(([channel]) => channels.has(channel)), floor: this.floor };
  }

  /** @param {string} channel */
  forget(channel) {
    this.by.delete(channel);
  }

  /** @param {string} channel @returns {string|undefined} */
  of(channel) {
    return this.by.get(channel);
  }
}
