/**
 * The service worker: shows a push and says so to the house (the push service's 201 proves nothing).
 * Payload: {notification_id, subscription_id, title, body, link}.
 */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @param {any} about @param {"delivered"|"shown"} state */
async function beacon(about, state) {
  const { notification_id, subscription_id } = about;
  if (!notification_id) return;
  const body = JSON.stringify({ notification_id, subscription_id, state });
  await fetch("/api/notifications/push/beacon", { method: "POST", headers: { "content-type": "application/json" }, body, keepalive: true }).catch(() => {});
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
  await beacon(about, "delivered");
  // Always one, even for an empty push: browsers take the right away from silent ones.
  await worker.registration.showNotification(about.title ?? "Concierge", {
    body: about.body ?? "There is news for you.",
    tag: about.notification_id ?? "concierge",
    icon: "/icon.svg",
    data: about,
  });
  await beacon(about, "shown");
}

/** @param {string} link */
async function open(link) {
  const address = new URL(link, worker.location.origin);
  const target = address.origin === worker.location.origin ? address.href : "/";
  for (const client of await worker.clients.matchAll({ type: "window" })) {
    return client.focus();
  }
  return worker.clients.openWindow(target);
}

worker.addEventListener("push", (event) => event.waitUntil(shown(read(event.data))));
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.link || "/"));
});
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
