/**
 * The service worker: shows a push and says so to the house (the push service's 201 proves nothing).
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

worker.addEventListener("push", (event) => event.waitUntil(shown(read(event.data))));
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(chosen(event.notification.data ?? {}));
});
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
