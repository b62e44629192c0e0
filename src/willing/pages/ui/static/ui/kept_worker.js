// Keeps one page and its files, so that it opens while the server is away: the register's, the wardens'. It keeps
// nothing that names a person: data goes past it. self.KEPT comes with it from the server: what the page is called, its
// address, its files, their version.

const { name, page, files, version } = self.KEPT;
const PREFIX = `willing-${name}-`;
const NAME = PREFIX + version;
const ANSWER_MS = 4000; // a page that is there waits no longer for a server that does not answer
const PARTS = new Set(["script", "style", "image"]);

async function keepPage(answer) {
  const cache = await caches.open(NAME);
  await cache.put(page, answer);
  // Only now: the page of an earlier version loads the files of that version.
  for (const one of await caches.keys()) if (one.startsWith(PREFIX) && one !== NAME) await caches.delete(one);
}

async function install() {
  const cache = await caches.open(NAME);
  await cache.addAll(files);
  const answer = await fetch(page, { credentials: "same-origin", redirect: "manual", cache: "no-store" });
  if (answer.ok) await keepPage(answer);
  await self.skipWaiting();
}

async function openPage(event) {
  const kept = await caches.match(page);
  const signal = kept ? AbortSignal.timeout(ANSWER_MS) : undefined;
  try {
    const answer = await fetch(event.request, { signal });
    // A proxy answers in the server's place while that is away.
    if (kept && answer.status >= 500) return kept;
    if (answer.ok && answer.type === "basic" && !answer.redirected) event.waitUntil(keepPage(answer.clone()));
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

// Their names carry a hash, so what is kept never differs from what the server has.
async function openPart(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(NAME)).put(request, answer.clone());
  return answer;
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && pathname === page) event.respondWith(openPage(event));
  else if (PARTS.has(request.destination)) event.respondWith(openPart(request));
});
