export const FIRST_MS = 400;
export const MOST_MS = 20_000;

/**
 * How long to wait before try number `attempt` (from 0): doubling, with half of it drawn by chance so that
 * a thousand clients of one gateway do not come back in the same moment.
 * @param {number} attempt @param {() => number} [random] in [0, 1) @returns {number} ms
 */
export function delay(attempt, random = Math.random) {
  const whole = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(whole / 2 + (random() * whole) / 2);
}
