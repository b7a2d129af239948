/** @typedef {{type: string, window: string, count: number, p50_ms: number, p99_ms: number}} Latency */
/** @typedef {{client: string, window: string, up_s: number, looked_s: number}} Uptime */
/** @typedef {{window: string, heard: number, lost: number, doubled: number, reordered: number, foreign: number, reset: number, unjudged: number}} Findings */
/** @typedef {{at: number, since: number, hotels: number, of: number, latencies: Latency[], uptimes: Uptime[], findings: Findings[]}} Report */
/** @typedef {{now: number, report: Report|null, silent_since: number|null}} Slo */

const WINDOWS = ["1h", "24h", "30d"];

/** @param {number} ms since 1970 @returns {string} */
const when = (ms) => new Date(ms).toISOString().slice(0, 16).replace("T", " ") + " UTC";

/** What is to be thought of the figures, before them.
 * @param {Slo} slo @returns {string} */
export function state({ report, silent_since }) {
  if (!report) return "Nothing was measured yet: the auditor has not said a word.";
  if (silent_since !== null) return `The auditor has been silent since ${when(silent_since)}: these figures are of then.`;
  if (report.hotels === 0) return "There is no hotel to look at yet.";
  return `Measured all the time, in ${report.hotels} of ${report.of} ${report.of === 1 ? "hotel" : "hotels"}.`;
}

/** @param {Report} report @returns {string} */
export const since = ({ since }) => `Looking since ${when(since)}`;

/** @param {Report} report @returns {string} */
export function lost({ findings }) {
  const all = findings.find((one) => one.window === "30d");
  return `Losses found: ${all?.lost ?? 0}`;
}

/** @param {Uptime} one @returns {string} rounded down: 100 % is all of it */
export function share({ up_s, looked_s }) {
  if (looked_s === 0) return "not looked";
  const percent = Math.floor((up_s / looked_s) * 10_000) / 100;
  return `${percent} % of ${span(looked_s)}`;
}

/** @param {number} seconds @returns {string} */
export function span(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** The three tables' cells. @param {Report} report */
export function tables({ findings, latencies, uptimes }) {
  const clients = [...new Set(uptimes.map((one) => one.client))];
  /** @param {string} client @param {string} window */
  const of = (client, window) => uptimes.find((one) => one.client === client && one.window === window);
  return {
    findings: findings.map((one) => [one.window, one.heard, one.lost, one.doubled, one.reordered, one.foreign, one.unjudged + one.reset].map(String)),
    latencies: latencies.map((one) => [one.type, one.window, one.count, one.p50_ms, one.p99_ms].map(String)),
    uptimes: clients.map((client) => [client, ...WINDOWS.map((window) => share(of(client, window) ?? { client, window, up_s: 0, looked_s: 0 }))]),
  };
}
