/** @import {Frame} from "./types.js" */
/** @import {Cursors} from "./cursors.js" */

/**
 * On the side of who follows: where this tab is on channels of which the leader's line has to tell it again what it
 * missed. What comes meanwhile is news, but no place to go on from: the next leader would never tell what lies before.
 */
export class Behind {
  /** @param {Cursors} cursors of this tab */
  constructor(cursors) {
    this.cursors = cursors;
    /** @type {Map<string, string>} */
    this.places = new Map();
  }

  /** A leader that does not know this tab yet. @param {Iterable<string>} channels */
  begin(channels) {
    this.end();
    for (const channel of channels) {
      const cursor = this.cursors.of(channel);
      if (cursor) this.places.set(channel, cursor);
    }
  }

  /** This tab has a line of its own, which begins at its own places. */
  end() {
    this.places.clear();
  }

  /** @param {Frame} frame what follows comes from there, or all is read anew */
  subbed({ ch, cur, reset }) {
    if (reset) this.cursors.forget(ch);
    if (reset || cur === this.places.get(ch)) this.places.delete(ch);
    this.saw(ch, cur);
  }

  /** @param {string} channel @param {string|undefined} cursor */
  saw(channel, cursor) {
    if (!this.places.has(channel)) this.cursors.saw(channel, cursor);
  }

  /** Everything up to here was heard, on every channel but these. @param {string} cursor */
  all(cursor) {
    if (!this.places.size) this.cursors.all(cursor);
    else for (const channel of this.cursors.by.keys()) this.saw(channel, cursor);
  }
}
