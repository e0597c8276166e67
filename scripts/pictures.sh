#!/usr/bin/env bash
# Recreates the README's pictures from the demo of the release: docs/*.webp.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/tools.sh
if [[ -z ${LOCKSTEP_BIN:-} ]]; then
  scripts/build.sh
  export LOCKSTEP_BIN=$target/release/lockstep
fi
cd end2end
exec npx playwright test --config pictures.config.ts
