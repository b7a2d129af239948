/** How far this client has seen, per channel. Opaque strings: never compared, only shown again. */
export class Cursors {
  constructor() {
    /** @type {Map<string, string>} */
    this.by = new Map();
  }

  /** @param {string} channel @param {string|undefined} cursor presence events carry none */
  saw(channel, cursor) {
    if (cursor) this.by.set(channel, cursor);
  }

  /** @param {string} channel */
  forget(channel) {
    this.by.delete(channel);
  }

  /** @param {string} channel @returns {string|undefined} */
  of(channel) {
    return this.by.get(channel);
  }

  /** @returns {Record<string, string>} channel to cursor, as `hello.resume` wants it */
  all() {
    return Object.fromEntries(this.by);
  }
}
