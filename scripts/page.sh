#!/usr/bin/env bash
# Builds the page for browsers: WASM, JavaScript, style sheet and assets, into site/ under the target folder.
# The WASM is processed again only if the compiler's output has changed.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# A separate target folder: page and server compile side by side.
front=$target/front
module=$front/wasm32-unknown-unknown/wasm-release/frontend.wasm
made=$front/made

step "Compiling the page"
RUSTFLAGS=$release_rustflags cargo build --package frontend --lib --target wasm32-unknown-unknown --target-dir "$front" \
  --no-default-features --profile wasm-release

# The input and the flags of a page's WASM.
inputs=$(cat "$module" Cargo.lock scripts/site.mjs end2end/package-lock.json | cksum)
if [[ ! -d $made/pkg || ! -f $made/inputs || $(<"$made/inputs") != "$inputs" ]]; then
  step "Shrinking the page's WASM (1 to 3 minutes)"
  rm -rf "$made"
  mkdir -p "$made/glue"
  cargo run --package xtask --profile tool -- "$module" "$made/glue"
  node scripts/site.mjs wasm "$made/glue" "$made/pkg"
  printf '%s\n' "$inputs" >"$made/inputs"
fi

node scripts/site.mjs site "$made/pkg" "$target/site"
