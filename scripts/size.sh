#!/usr/bin/env bash
# What a page weighs against the budget, and the largest crates and generic functions in its WASM.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/tools.sh
scripts/build.sh
step "The page"
node scripts/size.mjs gate "$target/site" || true
node scripts/size.mjs list "$target/front/wasm32-unknown-unknown/wasm-release/frontend.wasm"
