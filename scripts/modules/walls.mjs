// Which module may not know which, and type names that are there twice.

/// The folders of the app that are features. What they share is in `app::ui` and at the root of the app.
const FEATURES = ["account", "bell", "board", "card", "oversight", "project", "sign_in"].map((name) => `app::${name}`);

/// Nothing beneath `from` uses any of `not`, which are modules of the workspace, or paths of other crates.
export const WALLS = [
  {
    from: "engine",
    not: ["std::env", "std::fs", "std::net", "std::process", "std::thread", "std::time::Instant", "std::time::SystemTime"],
    why: "Time, chance and I/O come in as arguments.",
  },
  {
    from: "server::config",
    not: ["server::http", "server::realtime", "server::service", "server::state"],
    why: "Settings are values.",
  },
  {
    from: "server::store",
    not: ["server::config", "server::http", "server::realtime", "server::service", "server::state"],
    why: "The others call the store.",
  },
  {
    from: "server::store",
    not: ["axum", "axum_extra", "hyper", "tokio_tungstenite", "tower", "tower_http"],
    why: "The store knows SQL, and no HTTP.",
  },
  {
    from: "server::realtime",
    not: ["server::http", "server::service", "server::sockets", "server::state"],
    why: "A service hands the rooms what they need, or implements one of their traits.",
  },
  {
    from: "server::service",
    not: ["server::http", "server::page", "server::state"],
    why: "A use case takes Services, or what it uses of them.",
  },
  {
    from: "app::ui",
    not: [...FEATURES, "app::app", "app::document", "app::header", "app::page"],
    why: "The parts of the interface know nothing of boards: a feature hands them what they need.",
  },
  ...featureWalls(),
];

/// What a feature of the app may use beside its own modules, `ui` and what all pages share. Each can be loaded on its own.
function featureWalls() {
  const uses = { account: ["bell"], board: ["bell"], card: ["board"], oversight: ["bell"], project: ["bell", "board"] };
  return FEATURES.map((from) => {
    const allowed = (uses[from.slice("app::".length)] ?? []).map((name) => `app::${name}`);
    const not = FEATURES.filter((other) => other !== from && !allowed.includes(other));
    return { from, not, why: "Features use each other in one direction: account, board, oversight, project → bell; card, project → board." };
  });
}

const beneath = (module, wall) => module === wall || module.startsWith(`${wall}::`);

/// The uses that go through a wall: `[{ use, wall }]`.
export function broken(uses, walls = WALLS) {
  const found = [];
  for (const use of uses) {
    for (const wall of walls) {
      const target = use.to ?? use.path;
      const breaks = beneath(use.from, wall.from) && wall.not.some((not) => beneath(target, not));
      if (breaks && !use.test) found.push({ use, wall });
    }
  }
  return found;
}

/// Names of types that are defined more than once in what is built for users: `[[name, ["file:line", …]], …]`.
export function doubled(modules) {
  const places = new Map();
  for (const { id, file, test, parsed } of modules.values()) {
    if (test || id.includes(":tests/") || id.includes(":benches/")) continue;
    for (const { name, line, visible } of parsed.types) {
      if (visible) places.set(name, [...(places.get(name) ?? []), `${file}:${line}`]);
    }
  }
  return [...places].filter(([, all]) => all.length > 1).sort(([one], [other]) => one.localeCompare(other));
}
