#!/usr/bin/env bash
# Rebuilds and reloads on each change. Uses separate folders: its flags differ from those of `cargo test`, and each
# would invalidate the other's build.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/tools.sh dev
load_settings
step "Watching: http://${LOCKSTEP_ADDR:-127.0.0.1:3000} follows your changes"
export CARGO_TARGET_DIR=$target/dev LOCKSTEP_DEMO=${LOCKSTEP_DEMO:-1}
exec cargo leptos watch -- serve
