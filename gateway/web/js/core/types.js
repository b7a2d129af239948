/**
 * What the pages know of the protocol. Names are those of the records on the log.
 * @typedef {{t: string, [field: string]: any}} Frame
 * @typedef {{[field: string]: any}} Entity
 * @typedef {import("./events.js").Ev} Ev an event; its `type` tells what `d` is
 * @typedef {{id: string, cmd: string, d: Entity}} Pending
 * @typedef {"connecting"|"live"|"reconnecting"|"offline"|"stale"|"signed-out"} LinkState
 * @typedef {"socket"|"stream"|"poll"} Way
 * @typedef {{open: boolean, everOpen: boolean, signedOut: boolean, way: Way, lostAt: number, heardAt: number,
 *   staleSince: number|null, askedAt: number|null, asOf: number|null}} Seen of the line; times in ms; `asOf`: of what an earlier page
 *   knew, until there is news
 * @typedef {{address: string, token?: string, user_id: string, property_id: string}} Where a line leads, and whose it is
 * @typedef {{state: LinkState, since: number, way: Way, asOf: number|null}} Link `since`: ms; `asOf`: ms, what is shown is as old as that
 * @typedef {{by: [string, string][], floor: string|undefined}} Places cursors by channel, and one at or before all of them
 * @typedef {Places & {at: number}} Heard `at`: ms, when they were heard
 * @typedef {EventTarget & {open(): void, close(): void, check(silent: number): void, look(away: boolean): void,
 *   subscribe(channel: string, cursor: string|undefined): void, unsubscribe(channel: string): void,
 *   publish(one: Pending): void, whisper(cmd: string, d: Entity): void, auth(token: string): void}} Line one connection, by whatever way.
 *   Says `frame` (detail: Frame) and, once, `closed` (detail: close code)
 * @typedef {{user_id: string, role: string, property_id: string, name: string, room_id: string|null,
 *   reservation_id: string|null, departments: string[], expires_at: number, dashboard: string|null, group: boolean,
 *   property?: {name: string, currency: string, time_zone: string, departments: string[], emergency_phone: string}}} Me
 * @typedef {{all(owner: string): Promise<any[]>, put(owner: string, one: {id: string}): Promise<unknown>,
 *   delete(owner: string, id: string): Promise<unknown>, clear(owner: string): Promise<unknown>}} Keep
 */
export {};
