/** @import {Way} from "./types.js" */

/** The ways to the house, best first. @type {readonly Way[]} */
export const WAYS = ["socket", "stream", "poll"];
/** A way that brought no welcome in this time is taken for blocked; a phone on 3G needs about 2 s. */
export const WELCOME_MS = 8_000;
/** On a lesser way the socket is tried again: soon, for a gateway that was just starting, then ever more rarely. */
const TRY_FIRST_MS = 2_000;
const TRY_MOST_MS = 300_000;

/**
 * Which way to try after one ended: the same again if it had worked, else the next. After the last comes the
 * first, and only then is there something to wait for.
 * @param {Way} way @param {boolean} welcomed @returns {{way: Way, wait: boolean}}
 */
export function after(way, welcomed) {
  if (welcomed) return { way, wait: true };
  const next = (WAYS.indexOf(way) + 1) % WAYS.length;
  return { way: WAYS[next] ?? "socket", wait: next === 0 };
}

/** When to see whether sockets work again. @param {number} tries so far @returns {number} ms */
export function tryAfter(tries) {
  return Math.min(TRY_MOST_MS, TRY_FIRST_MS * 2 ** Math.min(tries, 8));
}
