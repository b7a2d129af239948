/** How things are called on the pages. */

/** @type {Record<string, string>} */
export const DEPARTMENTS = {
  housekeeping: "Housekeeping",
  maintenance: "Maintenance",
  front_desk: "Front desk",
  room_service: "Room service",
  concierge: "Concierge",
  security: "Security",
};

/** @type {Record<string, string>} */
export const STATUS = {
  open: "Received",
  assigned: "Assigned",
  accepted: "Accepted",
  started: "Under way",
  completed: "Done",
  cancelled: "Cancelled",
};

/** Steps a guest sees, in order. */
export const STEPS = ["open", "accepted", "started", "completed"];

/** @param {string} status @returns {number} how many of STEPS are reached, 1 to 4; 0 if cancelled */
export function reached(status) {
  if (status === "assigned") return 1;
  return STEPS.indexOf(status) + 1;
}

/** @param {string} id @returns {string} `front_desk` as "Front desk" */
export function name(id) {
  return DEPARTMENTS[id] ?? title(id);
}

/** @param {string} id @returns {string} */
export function title(id) {
  const words = id.replaceAll("_", " ").replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {number} ms since 1970 @returns {string} 14:05, in the reader's zone */
export function clock(ms) {
  return new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(ms);
}

/** @param {number} ms a duration @returns {string} "just now", "4 min", "2 h 10 min" */
export function span(ms) {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""}`;
}

/** A room in one word and one glyph, the most urgent thing first; never by colour alone.
 * @param {{[field: string]: any}} room @returns {{tone: string, glyph: string, word: string}} */
export function roomLook(room) {
  if (room["block"] === "out_of_order") return { tone: "blocked", glyph: "✕", word: "Out of order" };
  if (room["block"] === "out_of_service") return { tone: "blocked", glyph: "–", word: "Out of service" };
  const inside = room["front_office"] === "occupied";
  if (inside && room["guest_service"] === "do_not_disturb") return { tone: "quiet", glyph: "☾", word: "Do not disturb" };
  if (inside && (room["housekeeping"] === "dirty" || room["housekeeping"] === "pickup")) return { tone: "occupied", glyph: "●◌", word: "Occupied, to clean" };
  if (inside) return { tone: "occupied", glyph: "●", word: "Occupied" };
  if (room["housekeeping"] === "dirty") return { tone: "dirty", glyph: "◌", word: "To clean" };
  if (room["housekeeping"] === "pickup") return { tone: "dirty", glyph: "◔", word: "Pick-up" };
  if (room["housekeeping"] === "inspected") return { tone: "ready", glyph: "✓", word: "Ready" };
  return { tone: "clean", glyph: "○", word: "Clean" };
}
