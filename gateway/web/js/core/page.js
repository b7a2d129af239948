/**
 * What happens to the page, until the signal. @param {AbortSignal} signal
 * @param {{online(): void, offline(): void, looked(): void, sleeps(): void, wakes(): void}} told
 */
export function watch(signal, { online, offline, looked, sleeps, wakes }) {
  addEventListener("online", online, { signal });
  addEventListener("offline", offline, { signal });
  document.addEventListener("visibilitychange", looked, { signal });
  // For good, into the browser's cache of pages, or because nobody looks: whoever sleeps must not keep a lock.
  addEventListener("pagehide", sleeps, { signal });
  addEventListener("pageshow", wakes, { signal });
  document.addEventListener("freeze", sleeps, { signal });
  document.addEventListener("resume", wakes, { signal });
}
