// Runs beside the pages. Without a net it shows our own page instead of the browser's: what was typed is still there.
const KEPT = "away";
const PAGE = "/offline";

async function visit(event) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return (await caches.match(PAGE)) || Response.error();
  }
}

/** The page and how it looks; nothing of what anybody read. */
async function keep() {
  await caches.delete(KEPT);
  const kept = await caches.open(KEPT);
  await kept.add(PAGE);
  const page = await (await kept.match(PAGE)).text();
  await kept.addAll([...page.matchAll(/href="([^"]+\.css)"/g)].map((found) => found[1]));
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
// Otherwise a phone would first wake this script and only then ask for the page.
self.addEventListener("activate", (event) => {
  if (self.registration.navigationPreload) event.waitUntil(self.registration.navigationPreload.enable());
});
self.addEventListener("fetch", (event) => {
  const asked = event.request;
  if (asked.mode === "navigate" && asked.method === "GET") event.respondWith(visit(event));
  if (asked.destination === "style") event.respondWith(fetch(asked).catch(() => caches.match(asked.url)));
});
