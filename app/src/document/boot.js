(function (js, wasm) {
  // What this browser keeps of another user's pages is not to be shown to this one.
  const user = document.querySelector("meta[name=lockstep-user]")?.content;
  if (user && "caches" in window) {
    const other = (name) => name.startsWith("lockstep ") && !name.startsWith(`lockstep ${user} `);
    caches.keys().then((names) => names.filter(other).forEach((name) => caches.delete(name))).catch(() => {});
  }
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
