// The modules of a workspace, and which of them uses which.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { parse } from "./source.mjs";

/// All modules of the crates below `root`, by id, as `server::store::log`: `{ id, file, test, parsed, parent, children,
/// owner }`. The owner of an inline module is the one that has the file, and `test` is what `#[cfg(test)]` says.
///
/// Each binary, test and bench is a crate of its own, as `server:tests/api`.
export function readWorkspace(root, crates) {
  const modules = new Map();
  for (const crate of crates) {
    for (const [id, file] of crateRoots(root, crate)) readModule(root, modules, { id, file, test: false, top: id });
  }
  return modules;
}

function crateRoots(root, crate) {
  const roots = [];
  const add = (id, file) => existsSync(join(root, file)) && roots.push([id, file]);
  add(crate, `${crate}/src/lib.rs`);
  add(`${crate}:main`, `${crate}/src/main.rs`);
  for (const folder of ["tests", "benches", "examples", "src/bin"]) {
    if (!existsSync(join(root, crate, folder))) continue;
    for (const entry of readdirSync(join(root, crate, folder)).sort()) {
      const id = `${crate}:${folder}/${basename(entry, ".rs")}`;
      const file = `${crate}/${folder}/${entry}`;
      add(id, entry.endsWith(".rs") ? file : `${file}/main.rs`);
    }
  }
  return roots;
}

function readModule(root, modules, module) {
  const parsed = parse(readFileSync(join(root, module.file), "utf8"));
  addModule(root, modules, { ...module, parsed, owner: module.id });
}

function addModule(root, modules, module) {
  const { id, file, test, top, parsed, owner } = module;
  modules.set(id, { ...module, children: new Set() });
  if (module.parent) modules.get(module.parent).children.add(id.split("::").at(-1));
  for (const child of parsed.children) {
    const inline = { id: `${id}::${child.name}`, file, test: test || child.test, top, parent: id, parsed: child, owner };
    addModule(root, modules, inline);
  }
  for (const { name, test: forTests } of parsed.files) {
    const found = childFiles(file, id === top, name).find((candidate) => existsSync(join(root, candidate)));
    if (!found) throw new Error(`${file} declares mod ${name}, but its file is nowhere`);
    readModule(root, modules, { id: `${id}::${name}`, file: found, test: test || forTests, top, parent: id });
  }
}

function childFiles(file, isRoot, name) {
  const folder = dirname(file);
  const own = isRoot || basename(file) === "mod.rs" ? folder : join(folder, basename(file, ".rs"));
  return [join(own, `${name}.rs`), join(own, name, "mod.rs")];
}

/// Which file uses which: `[{ from, to, file, line, path, test, bare }]`, where `from` and `to` are modules with a file of
/// their own, and a `bare` one only imports a module. A name that is re-exported is followed to where it is defined. Paths out of the workspace have `to: null`.
export function readUses(modules, crates) {
  const found = [];
  for (const module of modules.values()) {
    for (const { path, line, name } of [...module.parsed.imports, ...module.parsed.uses]) {
      const target = locate(modules, crates, module, path);
      // `use crate::store` uses nothing yet: what is used through it is a path in code.
      const bare = target?.module === true && name !== undefined && name !== "*";
      const to = target ? modules.get(target.id).owner : null;
      if (to === module.owner) continue;
      found.push({ from: module.owner, to, file: module.file, line, path: path.join("::"), test: module.test, bare });
    }
  }
  return found;
}

/// Where a path leads: `{ id, module }`, or nothing outside of the workspace. `module` says that it names the module
/// itself.
function locate(modules, crates, from, path, seen = new Set()) {
  const [first, ...rest] = path;
  if (first === "crate") return descend(modules, crates, from.top, rest, seen);
  if (first === "self") return descend(modules, crates, from.id, rest, seen);
  if (first === "super") {
    let module = modules.get(from.parent ?? from.top);
    while (rest[0] === "super") {
      rest.shift();
      module = modules.get(module.parent ?? module.top);
    }
    return descend(modules, crates, module.id, rest, seen);
  }
  const local = lookUp(modules, crates, from.id, first, rest, seen);
  if (local) return local;
  if (crates.includes(first) && modules.has(first)) return descend(modules, crates, first, rest, seen);
  return undefined;
}

function descend(modules, crates, id, [name, ...rest], seen) {
  if (name === undefined) return { id, module: true };
  return lookUp(modules, crates, id, name, rest, seen) ?? { id, module: false };
}

/// A name in a module: one of its modules, something it defines, or something it imports.
function lookUp(modules, crates, id, name, rest, seen) {
  const module = modules.get(id);
  const { children, parsed } = module;
  if (children.has(name) && (rest.length > 0 || !parsed.items.has(name))) {
    return descend(modules, crates, `${id}::${name}`, rest, seen);
  }
  if (parsed.items.has(name)) return { id, module: false };
  const key = `${id} ${name}`;
  if (seen.has(key)) return undefined;
  const visited = new Set(seen).add(key);
  for (const { name: imported, path } of parsed.imports) {
    if (imported === name && !(path.length === 1 && path[0] === name)) {
      const found = locate(modules, crates, module, [...path, ...rest], visited);
      if (found) return found;
    }
  }
  for (const { name: imported, path } of parsed.imports) {
    if (imported !== "*") continue;
    const target = locate(modules, crates, module, path, visited);
    const found = target?.module && target.id !== id && lookUp(modules, crates, target.id, name, rest, visited);
    if (found) return found;
  }
  return undefined;
}
