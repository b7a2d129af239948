/**
 * What the pages know of the protocol. Names are those of the records on the log.
 * @typedef {{t: string, [field: string]: any}} Frame
 * @typedef {{[field: string]: any}} Entity
 * @typedef {{id: string, cmd: string, d: Entity}} Pending
 * @typedef {"connecting"|"live"|"reconnecting"|"offline"|"stale"|"signed-out"} LinkState
 * @typedef {{state: LinkState, since: number, polling: boolean}} Link `since`: ms
 * @typedef {{user_id: string, role: string, property_id: string, name: string, room_id: string|null,
 *   reservation_id: string|null, departments: string[], expires_at: number,
 *   property?: {name: string, currency: string, time_zone: string, departments: string[], emergency_phone: string}}} Me
 * @typedef {{getItem(key: string): string|null, setItem(key: string, value: string): void,
 *   removeItem(key: string): void}} Keep
 */
export {};
