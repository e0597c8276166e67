(function (js, wasm) {
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
