// The service worker: lets a board be opened without a network.
//
// It caches the pages of boards that were open in this browser, and the list that leads to them, as the server rendered
// them, with the files that they name: all of one build and one user, in one cache named after both. A cached page is
// shown only when the server does not respond. The page itself then brings its board up to date, from what this browser
// stored later and from the server. When the server reports that the user is signed out, all pages are deleted; when it
// no longer shows a board, that board's page is.

const PREFIX = "lockstep ";
const ICONS = ["/icons.svg", "/favicon.svg", "/favicon-unread.svg"];
const FILE = /\/pkg\/[\w.]+\?v=([\w-]+)/g;
const HOME = "/";
const BOARD = /^\/projects\/[\w-]+$/;
// The most boards in the cache.
const MOST = 30;
// How long the server can take to start its response before a cached page is shown, in milliseconds.
const PATIENCE = 8000;
// The statuses of a proxy whose server is unreachable.
const AWAY = [502, 503, 504];
// How long a page is cached, in milliseconds: as long as an unused session lasts.
const LIFE = 30 * 24 * 60 * 60 * 1000;

// Predicates for what was deleted during this worker's life: a page that was fetched before is not cached after.
const dropped = [];

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("message", (event) => {
  const { keep, only, forget, drop, user } = event.data;
  if (keep) event.waitUntil(keepPage(keep, user).then(() => keepPage(HOME, user)).catch(() => {}));
  if (only) event.waitUntil(keepOnly(only));
  if (forget) event.waitUntil(dropAll());
  if (drop) event.waitUntil(dropBoard(drop, user).catch(() => {}));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.data));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && (url.pathname === HOME || BOARD.test(url.pathname))) event.respondWith(page(event, url));
  // A file with a version in its name never changes.
  else if (url.pathname.startsWith("/pkg/") && url.search) event.respondWith(kept(request).then((file) => file ?? fetch(request)));
  else if (ICONS.includes(url.pathname)) event.respondWith(fetch(request).catch(async () => (await kept(url.pathname)) ?? Response.error()));
});

async function page(event, url) {
  const copy = await keptPage(url.pathname);
  const asked = fetch(event.request).then((answer) => {
    see(event, url.pathname, answer);
    return answer;
  });
  // A late response is handled, too.
  event.waitUntil(asked.catch(() => {}));
  if (!copy) return asked;
  try {
    const answer = await soon(asked);
    if (!AWAY.includes(answer.status)) return answer;
  } catch {
    // No server: the cached copy.
  }
  // The copy was rendered for the address without a card.
  return url.search ? Response.redirect(url.pathname) : copy;
}

// Deletes what the server no longer shows. These addresses redirect only to the sign-in page.
function see(event, path, answer) {
  if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 401) {
    event.waitUntil(dropAll());
  } else if (BOARD.test(path) && [403, 404].includes(answer.status)) {
    event.waitUntil(dropBoard(path).catch(() => {}));
  }
}

function dropAll() {
  dropped.push(() => true);
  return forgetAll(() => true);
}

function keepOnly(user) {
  dropped.push((_, other) => other !== user);
  return forgetAll((name) => !name.startsWith(`${PREFIX}${user} `));
}

// Deletes the page of a board, and the list that names it. The list is fetched again if `user` may still see it.
async function dropBoard(path, user) {
  dropped.push((other) => other === path || other === HOME);
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const cache = await caches.open(name);
    await cache.delete(path);
    await cache.delete(HOME);
  }
  if (user) await keepPage(HOME, user);
}

// Shows a page in a tab that is open, or in a new one.
async function openPage(address) {
  const [tab] = await clients.matchAll({ type: "window" });
  if (!tab) return clients.openWindow(address);
  await tab.focus();
  return tab.navigate(address);
}

function kept(what) {
  return caches.match(what, { ignoreVary: true });
}

async function keptPage(path) {
  const copy = await kept(path);
  const at = Date.parse(copy?.headers.get("date") ?? "");
  return copy && Date.now() - at > LIFE ? undefined : copy;
}

function soon(answer) {
  return new Promise((resolve, reject) => {
    setTimeout(reject, PATIENCE);
    answer.then(resolve, reject);
  });
}

// Caches the page at `path` for `user`, and deletes what belongs to another build or another user.
async function keepPage(path, user) {
  const before = dropped.length;
  const mayKeep = () => !dropped.slice(before).some((drops) => drops(path, user));
  const answer = await fetch(path, { redirect: "error" });
  const text = await answer.clone().text();
  const files = [...text.matchAll(FILE)];
  // Another user may be signed in by now, whose page can contain this user's id, too.
  if (!answer.ok || files.length === 0 || !text.includes(`name="lockstep-user" content="${user}"`)) return;
  if (!mayKeep()) return;
  const name = `${PREFIX}${user} ${files[0][1]}`;
  const others = (await caches.keys()).filter((other) => other !== name);
  const cache = await caches.open(name);
  for (const file of new Set([...files.map(([address]) => address), ...ICONS])) {
    if (!(await cache.match(file))) await cache.add(file);
  }
  await cache.delete(path);
  if (!mayKeep()) return;
  // The copy is opened at another time than the one in the page.
  const lasting = text.replace(/<meta name="lockstep-now"[^>]*>/, "");
  await cache.put(path, new Response(lasting, { headers: answer.headers }));
  const boards = (await cache.keys()).map(({ url }) => new URL(url).pathname).filter((path) => BOARD.test(path));
  for (const old of boards.slice(0, -MOST)) await cache.delete(old);
  // After an update the other boards of this user are fetched again, so that they still open.
  const moved = new Set();
  for (const other of others.filter((other) => other.startsWith(`${PREFIX}${user} `))) {
    for (const { url } of await (await caches.open(other)).keys()) moved.add(new URL(url).pathname);
  }
  await forgetAll((other) => other !== name);
  for (const path of moved) {
    if (BOARD.test(path) && !boards.includes(path)) await keepPage(path, user).catch(() => {});
  }
}

async function forgetAll(which) {
  try {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && which(name)) await caches.delete(name);
    }
  } catch (error) {
    // If the cache cannot be deleted, the worker goes: without one, no cached page is shown.
    await registration.unregister();
    throw error;
  }
}
