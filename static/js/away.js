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

self.addEventListener("install", (event) => event.waitUntil(caches.open(KEPT).then((kept) => kept.add(PAGE))));
// Otherwise a phone would first wake this script and only then ask for the page.
self.addEventListener("activate", (event) => {
  if (self.registration.navigationPreload) event.waitUntil(self.registration.navigationPreload.enable());
});
self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate" && event.request.method === "GET") event.respondWith(visit(event));
});
