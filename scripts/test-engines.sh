#!/usr/bin/env bash
# The main user flows in Firefox and in WebKit, against the release: end2end/engines. The browsers are the system's,
# and each board is open in both. `make test` runs everything in Chromium. LOCKSTEP_BIN names a built server; arguments
# go to the runner: `scripts/test-engines.sh --project=webkit live`.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/tools.sh engines
scripts/test-deps.sh engines
if [[ -z ${LOCKSTEP_BIN:-} ]]; then
  scripts/build.sh
  export LOCKSTEP_BIN=$target/release/lockstep
fi

step "Browser tests, in Firefox and WebKit"
exec timeout --kill-after=20 20m npm --prefix end2end run --silent test:engines -- "$@"
