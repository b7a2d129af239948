/** When an id of ours was made. @param {string} id UUIDv7 @returns {number} ms since 1970 */
export function madeAt(id) {
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

/** A new UUIDv7. @param {number} [now] ms since 1970 @returns {string} */
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
