(function () {
  try {
    const user = document.querySelector("meta[name=lockstep-user]")?.content;
    const project = /^\/projects\/([\w-]+)$/.exec(location.pathname)?.[1];
    const ids = (localStorage.getItem(`collapsed:${user}:${project}`) ?? "").split(" ").filter((id) => /^[\w-]+$/.test(id));
    if (ids.length === 0) return;
    const collapse = () => {
      for (const id of ids) document.querySelector(`[data-status-id="${id}"]`)?.setAttribute("data-collapsed", "");
    };
    const parsed = new MutationObserver(collapse);
    parsed.observe(document, { childList: true, subtree: true });
    addEventListener("DOMContentLoaded", () => {
      collapse();
      parsed.disconnect();
    });
  } catch (_) {
    // Storage is switched off: no column is collapsed.
  }
})();
