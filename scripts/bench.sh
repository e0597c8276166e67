#!/usr/bin/env bash
# Measures a release server under load, and prints a table.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/tools.sh
scripts/build.sh
step "Measuring"
export LOCKSTEP_BIN=$target/release/lockstep LOCKSTEP_SITE=$target/site
# As the release was built, so that what it compiled is found again.
export RUSTFLAGS="--cfg erase_components"
exec cargo bench --package server --bench board
