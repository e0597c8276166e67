(function (js, wasm) {
  // This computer's clock may be a day off: what people see goes by the server's. A page that was kept says nothing.
  const now = document.querySelector("meta[name=lockstep-now]")?.content;
  if (now) document.documentElement.dataset.clockAhead = Number(now) - Date.now();
  // What this browser keeps of another user's pages, or of a session that is over, is not to be shown to this one.
  const user = document.querySelector("meta[name=lockstep-user]")?.content;
  if ("caches" in window) {
    const stale = (name) => name.startsWith("lockstep ") && !(user && name.startsWith(`lockstep ${user} `));
    caches.keys().then((names) => names.filter(stale).forEach((name) => caches.delete(name))).catch(() => {});
  }
  navigator.serviceWorker?.controller?.postMessage(user ? { only: user } : { forget: "all" });
  // A page that comes back out of the back/forward cache may be of a session that is over: it leaves nothing there,
  // and is asked for anew.
  addEventListener("pagehide", (event) => {
    if (event.persisted) document.body.replaceChildren();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  import(js)
    .then((module) => module.default({ module_or_path: wasm }).then(() => module.hydrate()))
    .catch((error) => {
      console.error(error);
      const banner = document.createElement("div");
      banner.className = "boot-failed";
      banner.setAttribute("role", "alert");
      banner.append("The page could not start, so nothing on it can be changed. ");
      const reload = document.createElement("button");
      reload.type = "button";
      reload.className = "button";
      reload.textContent = "Reload";
      reload.addEventListener("click", () => location.reload());
      banner.append(reload);
      document.body.append(banner);
    });
})
