// Walls between modules: no import circle, no use through a wall, no type name twice. `node check.mjs [FOLDER]`.
//
// What is known to be wrong is in known.json, and what is mended has to leave it: the list gets shorter, never longer.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { circlesOfFiles, circlesOfFolders } from "./circles.mjs";
import { readUses, readWorkspace } from "./graph.mjs";
import { WALLS, broken, doubled } from "./walls.mjs";

const NOTHING_KNOWN = { files: [], folders: [], names: {} };

/// One sentence for each fault of the workspace in a folder, beside those that are known.
export function faults(root, { crates = members(root), known = NOTHING_KNOWN, walls = WALLS } = {}) {
  const modules = readWorkspace(root, crates);
  const uses = readUses(modules, crates);
  return [
    ...circleFaults("files", circlesOfFiles(uses), known.files),
    ...circleFaults("folders", circlesOfFolders(uses), known.folders),
    ...broken(uses, walls).map(({ use, wall }) => `${place(use)}: ${wall.from} must not use ${use.path}. ${wall.why}`),
    ...nameFaults(doubled(modules), known.names),
  ];
}

/// The crates of a workspace.
function members(root) {
  const [, list] = /^members = \[([^\]]*)\]/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"));
  return [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
}

const place = ({ file, line }) => `${file}:${line}`;

function circleFaults(kind, circles, known) {
  const sentences = [];
  for (const { modules, circle } of circles) {
    if (known.some((knot) => modules.every((module) => knot.includes(module)))) continue;
    const steps = circle.map((use) => `${use.node} uses ${use.path} (${place(use)})`);
    const larger = modules.length > circle.length ? `, one of those that tie ${modules.length} modules together` : "";
    sentences.push(`Import circle${larger}: ${steps.join(", ")}. Move what both need into a module of its own.`);
  }
  const circling = new Set(circles.flatMap(({ modules }) => modules));
  for (const module of known.flat()) {
    if (!circling.has(module)) sentences.push(`${module} is in no circle any more: take it out of "${kind}" in known.json.`);
  }
  return sentences;
}

function nameFaults(names, known) {
  const sentences = [];
  for (const [name, places] of names) {
    const expected = known[name] ?? 1;
    if (places.length > expected) {
      sentences.push(`The type name ${name} is there ${places.length} times (${places.join(", ")}). Give the less known one another name.`);
    } else if (places.length < expected) {
      sentences.push(`The type name ${name} is there ${places.length} times only: write that number into "names" in known.json.`);
    }
  }
  const found = new Set(names.map(([name]) => name));
  for (const name of Object.keys(known)) {
    if (!found.has(name)) sentences.push(`The type name ${name} is unique now: take it out of "names" in known.json.`);
  }
  return sentences;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = process.argv[2] ?? join(here, "../..");
  const known = JSON.parse(readFileSync(join(here, "known.json"), "utf8"));
  const sentences = faults(root, { known });
  for (const sentence of sentences) console.error(sentence);
  process.exitCode = sentences.length > 0 ? 1 : 0;
}
