/** @import {Frame, Line} from "./types.js" */
import { WELCOME_MS, tryAfter } from "./ladder.js";

/** Whether sockets work again, tried ever more rarely while a lesser line goes on. */
export class Trial {
  /** @param {() => Line} make a socket @param {(line: Line, frame: Frame) => void} won it is welcome, and the line from now on */
  constructor(make, won) {
    this.make = make;
    this.won = won;
    this.tries = 0;
    /** @type {Line|null} */
    this.line = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), tryAfter(this.tries++));
  }

  now() {
    if (this.line) return;
    const line = (this.line = this.make());
    const patience = setTimeout(() => line.close(), WELCOME_MS);
    line.addEventListener("closed", () => {
      clearTimeout(patience);
      if (this.line !== line) return;
      this.line = null;
      this.later();
    });
    const welcome = (/** @type {Event} */ event) => {
      clearTimeout(patience);
      clearTimeout(this.timer);
      this.line = null;
      this.won(line, /** @type {CustomEvent<Frame>} */ (event).detail);
    };
    line.addEventListener("frame", welcome, { once: true });
    line.open();
  }

  /** There is no lesser line any more. */
  stop() {
    clearTimeout(this.timer);
    const { line } = this;
    this.line = null;
    line?.close();
  }
}
