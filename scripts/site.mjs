// Turns what the compiler made into the folder that a server serves to browsers: small, and compressed once here instead of
// for each visitor.
//
//   node scripts/site.mjs wasm GLUE PKG    the WASM and its JavaScript, which takes minutes
//   node scripts/site.mjs site PKG SITE    the style sheet and the assets around them, which takes a second

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
// The npm tools of the build live with the browser tests.
const require = createRequire(join(root, "end2end/package.json"));

/** What rustc uses today: wasm-opt refuses a module with an instruction that it was not told of. */
const INSTRUCTIONS = ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];
const WASM_OPT = [
  "-Oz",
  // In rounds until nothing shrinks: 388 against 400 KiB after brotli.
  "--converge",
  // Functions with one caller stay apart unless they are tiny: inlined, the copies of generic code are no longer alike,
  // and brotli finds less to repeat (400 against 427 KiB).
  "--one-caller-inline-max-function-size=20",
  ...INSTRUCTIONS.map((name) => `--enable-${name}`),
];

/** The oldest browsers with `light-dark()`, which all colours are made of. */
const BROWSERS = { chrome: version(123), firefox: version(120), safari: version(17, 5), ios_saf: version(17, 5) };

function version(major, minor = 0) {
  return (major << 16) | (minor << 8);
}

/** Writes a folder beside its place, and then puts it there: nobody sees half of one. */
async function replace(folder, fill) {
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  await fill(fresh);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

function optimize(input, output) {
  const { status, error } = spawnSync("wasm-opt", [...WASM_OPT, input, "-o", output], { stdio: "inherit" });
  if (error || status !== 0) throw new Error(`wasm-opt failed: ${error ?? `status ${status}`}`);
}

async function minify(input, output) {
  const { code } = await require("esbuild").transform(readFileSync(input, "utf8"), { minify: true, format: "esm", target: "es2022" });
  writeFileSync(output, code);
}

function bundle(output) {
  const { bundle, Features } = require("lightningcss");
  // Nested rules are written out: browsers that know them do not agree yet on what follows one.
  const options = { filename: join(root, "style/main.css"), minify: true, targets: BROWSERS, include: Features.Nesting };
  writeFileSync(output, bundle(options).code);
}

/** Puts name.br and name.gz beside each file, as the server looks for them. */
async function compress(folder) {
  const names = readdirSync(folder).filter((name) => [".css", ".js", ".svg", ".wasm"].includes(extname(name)));
  await Promise.all(
    names.map(async (name) => {
      const content = readFileSync(join(folder, name));
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
      const [br, gz] = await Promise.all([promisify(brotliCompress)(content, { params }), promisify(gzip)(content, { level: 9 })]);
      writeFileSync(join(folder, `${name}.br`), br);
      writeFileSync(join(folder, `${name}.gz`), gz);
    }),
  );
}

const [step, from, to] = process.argv.slice(2);
if (step === "wasm") {
  await replace(to, async (pkg) => {
    optimize(join(from, "lockstep_bg.wasm"), join(pkg, "lockstep.wasm"));
    await minify(join(from, "lockstep.js"), join(pkg, "lockstep.js"));
    await compress(pkg);
  });
} else if (step === "site") {
  await replace(to, async (site) => {
    cpSync(join(root, "style/assets"), site, { recursive: true });
    mkdirSync(join(site, "pkg"));
    bundle(join(site, "pkg/lockstep.css"));
    await compress(site);
    await compress(join(site, "pkg"));
    cpSync(from, join(site, "pkg"), { recursive: true });
  });
} else {
  throw new Error("usage: site.mjs wasm GLUE PKG | site PKG SITE");
}
