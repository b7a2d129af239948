/** @import {Api} from "./api.js" */

/** This browser's own subscription to web push, if it has one. @returns {Promise<PushSubscription|null>} */
export async function subscribed() {
  const worker = "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistration("/") : undefined;
  return (await worker?.pushManager?.getSubscription()) ?? null;
}

/** No more pushes to this browser: neither from the house nor by the browser's own service. @param {Api} api */
export async function unsubscribe(api) {
  const now = await subscribed();
  if (!now) return;
  await api.call("DELETE", "/api/notifications/push", { endpoint: now.endpoint });
  await now.unsubscribe();
}
