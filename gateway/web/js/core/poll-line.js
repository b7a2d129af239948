import { HttpLine } from "./http-line.js";

/** The feed by long-poll: slower, and the way that every network lets through. */
export class PollLine extends HttpLine {
  /** @param {string[]} channels @param {string} cursor @param {AbortSignal} signal */
  async listen(channels, cursor, signal) {
    this.say({ t: "beat" });
    for (let known = cursor; !signal.aborted; ) {
      const said = await this.ask(channels, known, signal);
      known = said.cur ?? known;
      this.say({ t: "beat", cur: known });
    }
  }
}
