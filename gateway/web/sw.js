/**
 * The service worker: shows a push and says so to the house (the push service's 201 proves nothing), and has the pages
 * where the house is out of reach, as one whole build.
 * Payload: {notification_id, subscription_id, category, title, body, link}.
 */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @param {string} path @param {object} body */
async function say(path, body) {
  await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), keepalive: true }).catch(() => {});
}

/** @param {any} about @param {"delivered"|"shown"} state */
async function beacon({ notification_id, subscription_id }, state) {
  if (notification_id && subscription_id) await say("/api/notifications/push/beacon", { notification_id, subscription_id, state });
}

/** @param {PushMessageData|null} data @returns {any} */
function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

/** @param {any} about */
async function shown(about) {
  /** @type {NotificationOptions & {renotify: boolean}} */
  const how = {
    body: about.body ?? "There is news for you.",
    // What is newer of the same thing takes the place of the older, and is heard all the same.
    tag: about.link || about.notification_id || "concierge",
    renotify: true,
    requireInteraction: about.category === "emergency",
    icon: "/icon.svg",
    data: about,
  };
  // Always one, even for an empty push: browsers take the right away from silent ones.
  await worker.registration.showNotification(about.title ?? "Concierge", how);
  await beacon(about, "delivered");
  await beacon(about, "shown");
}

/** A page that is open is shown and told what to bring into view; else one is opened. @param {any} about */
async function open(about) {
  const link = String(about.link ?? "");
  const [page] = await worker.clients.matchAll({ type: "window" });
  if (page) {
    page.postMessage({ look: link });
    await page.focus().catch(() => {});
  } else await worker.clients.openWindow(`/#${new URLSearchParams({ look: link })}`);
}

/** @param {any} about */
async function chosen(about) {
  await open(about);
  const id = about.notification_id;
  // Chosen is read, on all devices; the id is the same for every choice, so it is one mark.
  if (id) await say("/api/notifications/history", { id: `chosen-${id}`, cmd: "mark", d: { ids: [id], status: "read" } });
}

/** What can be opened without the house. */
const PAGES = new Set(["/guest/", "/staff/"]);
const MANIFEST = "/shell.json";
/** Pages that came from here, and from which build: all that they are made of does too, and of no other page anything. @type {Map<string, string>} */
const builds = new Map();

/** Keep the build that the house has now: all of it, each file as the manifest says, or nothing. */
async function keep() {
  const manifest = await fetch(MANIFEST, { cache: "no-cache" });
  const { build, files } = await manifest.clone().json();
  const had = await caches.keys();
  if (!had.includes(build)) {
    const found = await Promise.all(Object.entries(files).map(([path, tag]) => same(path, tag)));
    const cache = await caches.open(build);
    for (const [path, response] of found) await cache.put(path, response);
    // The last: without it the build is not whole.
    await cache.put(MANIFEST, manifest);
  } else if (!(await (await caches.open(build)).match(MANIFEST))) {
    await caches.delete(build);
    return;
  }
  for (const old of had) if (old !== build) await caches.delete(old);
}

/** @param {string} path @param {unknown} tag @returns {Promise<[string, Response]>} throws where another gateway has another one */
async function same(path, tag) {
  const response = await fetch(path, { cache: "no-cache" });
  if (!response.ok || response.headers.get("etag")?.replace(/^W\//, "") !== tag) throw new Error(path);
  return [path, response];
}

/** @returns {Promise<string|undefined>} the build that is here whole */
async function whole() {
  for (const build of await caches.keys()) if (await (await caches.open(build)).match(MANIFEST)) return build;
  return undefined;
}

/** From the house; from here where it does not answer. @param {FetchEvent} event @returns {Promise<Response>} */
async function page(event) {
  /** @type {Response|undefined} */
  let response;
  try {
    response = await fetch(event.request);
    if (response.ok || response.status === 304) event.waitUntil(keep().catch(() => {}));
    if (response.status < 500) return response;
  } catch {
    // Out of reach.
  }
  const build = await whole();
  const here = build && (await (await caches.open(build)).match(new URL(event.request.url).pathname));
  if (!build || !here) return response ?? Response.error();
  builds.set(event.resultingClientId, build);
  return here;
}

/** @param {Request} request @param {string} build @returns {Promise<Response>} */
async function part(request, build) {
  return (await (await caches.open(build)).match(request)) ?? Response.error();
}

worker.addEventListener("fetch", (event) => {
  const { request, clientId } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== worker.location.origin || pathname.startsWith("/api/")) return;
  const build = builds.get(clientId);
  if (request.mode === "navigate") {
    if (PAGES.has(pathname)) event.respondWith(page(event));
  } else if (build) event.respondWith(part(request, build));
});
worker.addEventListener("install", (event) => event.waitUntil(keep().catch(() => {})));
worker.addEventListener("push", (event) => event.waitUntil(shown(read(event.data))));
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(chosen(event.notification.data ?? {}));
});
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
