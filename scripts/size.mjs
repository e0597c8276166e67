// What a page weighs, and of what.
//
//   node scripts/size.mjs gate SITE        compares what a visitor downloads with the budget; exits with 1 if it is over
//   node scripts/size.mjs list MODULE      the largest crates and generic functions of the compiled page
//
// Sizes of the gate are after brotli, as the server sends them. Those of the list are of machine code before wasm-opt and
// compression: they show where the weight comes from.

import { readFileSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Bytes to let pass before the gate fails: compilers differ a little between machines. */
const TOLERANCE = 1.02;

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

/** Adds up the compressed files of each group, which `budget.json` names, and compares. */
function gate(site) {
  const { groups } = JSON.parse(readFileSync(fileURLToPath(new URL("budget.json", import.meta.url)), "utf8"));
  const files = readdirSync(`${site}/pkg`).filter((name) => name.endsWith(".br"));
  let over = false;
  for (const [group, { files: pattern, best, aim }] of Object.entries(groups)) {
    const chosen = files.filter((name) => new RegExp(pattern).test(name));
    if (chosen.length === 0) throw new Error(`no file of ${site}/pkg belongs to “${group}”`);
    const size = chosen.reduce((sum, name) => sum + statSync(`${site}/pkg/${name}`).size, 0);
    const most = Math.floor(best * TOLERANCE);
    const verdict = size > most ? "too heavy" : size < best / TOLERANCE ? "lighter: make it the new `best` in scripts/budget.json" : "ok";
    console.log(`${group}: ${kib(size)} of ${kib(most)} (aim: ${kib(aim)}) ${verdict}`);
    for (const name of chosen) console.log(`  ${kib(statSync(`${site}/pkg/${name}`).size).padStart(10)}  ${name.slice(0, -3)}`);
    over ||= size > most;
  }
  if (over) {
    console.error("The page has become heavier. `make size` shows of what it consists.");
    process.exit(1);
  }
}

/** Reads a WebAssembly module: what its functions are called, and how large they are. */
function functions(path) {
  const bytes = readFileSync(path);
  const text = (from, length) => bytes.toString("utf8", from, from + length);
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const skipText = () => {
    const length = number();
    at += length;
  };
  const limits = () => {
    const flags = number();
    number();
    if (flags & 1) number();
  };
  let imported = 0;
  const sizes = [];
  const names = new Map();
  const sections = {
    // Custom: of the names, those of functions.
    0(end) {
      const length = number();
      const name = text(at, length);
      at += length;
      while (name === "name" && at < end) {
        const kind = bytes[at++];
        const next = number() + at;
        for (let left = kind === 1 ? number() : 0; left > 0; left -= 1) {
          const index = number();
          const long = number();
          names.set(index, text(at, long));
          at += long;
        }
        at = next;
      }
    },
    // Imports: imported functions come first in the numbering.
    2() {
      for (let left = number(); left > 0; left -= 1) {
        skipText();
        skipText();
        const kind = bytes[at++];
        if (kind === 0) {
          imported += 1;
          number();
        } else if (kind === 1) {
          at += 1;
          limits();
        } else if (kind === 2) {
          limits();
        } else {
          at += 2;
        }
      }
    },
    // Code.
    10() {
      for (let left = number(); left > 0; left -= 1) {
        const size = number();
        sizes.push(size);
        at += size;
      }
    },
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    sections[section]?.(end);
    at = end;
  }
  if (names.size === 0) throw new Error(`${path} does not name its functions`);
  return sizes.map((size, index) => ({ size, name: readable(names.get(imported + index) ?? "?") }));
}

const ESCAPES = { LT: "<", GT: ">", RF: "&", BP: "*", C: ",", SP: "@", LP: "(", RP: ")", u20: " ", u27: "'", u3b: ";", u5b: "[", u5d: "]", u7b: "{", u7d: "}" };

/** The name in the source of a mangled symbol, without the hash: instances of one generic function share it. */
function readable(symbol) {
  let rest = /^_ZN(.*)17h[0-9a-f]{16}E/.exec(symbol)?.[1];
  if (rest === undefined) return symbol;
  const parts = [];
  for (let digits; (digits = /^\d+/.exec(rest)?.[0]); ) {
    const from = digits.length;
    parts.push(rest.slice(from, from + Number(digits)));
    rest = rest.slice(from + Number(digits));
  }
  return parts
    .map((part) => part.replace(/^_(?=\$)/, "").replace(/\$(\w+?)\$/g, (all, name) => ESCAPES[name] ?? all).replaceAll("..", "::"))
    .join("::");
}

/** The crate that a function is from: of a method, the crate of its type, or else of its trait. */
function crateOf(name) {
  return /(?:^|[<&\s(])([a-z_][a-z0-9_]*)::/.exec(name)?.[1] ?? "?";
}

function list(path) {
  const all = functions(path);
  const total = all.reduce((sum, { size }) => sum + size, 0);
  const table = (title, key, rows) => {
    const groups = new Map();
    for (const { size, name } of all) {
      const group = groups.get(key(name)) ?? { size: 0, instances: 0 };
      groups.set(key(name), { size: group.size + size, instances: group.instances + 1 });
    }
    console.log(`\n${title}`);
    const largest = [...groups].sort(([, a], [, b]) => b.size - a.size).slice(0, rows);
    for (const [name, { size, instances }] of largest) {
      const share = `${((100 * size) / total).toFixed(1)} %`;
      console.log(`${kib(size).padStart(11)} ${share.padStart(7)} ${String(instances).padStart(6)} ×  ${name.slice(0, 120)}`);
    }
  };
  console.log(`${all.length} functions, ${kib(total)} of machine code before wasm-opt`);
  table("By crate:", crateOf, 25);
  table("By function, all instances together:", (name) => name, 50);
}

const [step, path] = process.argv.slice(2);
if (step === "gate") gate(path);
else if (step === "list") list(path);
else throw new Error("usage: size.mjs gate SITE | list MODULE");
