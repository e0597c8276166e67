#!/usr/bin/env bash
# From a fresh clone to a running Lockstep with demo data: installs tools, builds the release, starts it.
# PORT=4000 sets another port. Settings come from the environment, or from .env: see .env.example.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/tools.sh
scripts/build.sh

step "Starting Lockstep"
load_settings
if [[ -n ${PORT:-} ]]; then
  [[ $PORT =~ ^[0-9]+$ ]] || fail "PORT must be a number, and is '$PORT'."
  export LOCKSTEP_ADDR=127.0.0.1:$PORT
fi
export LOCKSTEP_DEMO=${LOCKSTEP_DEMO:-1} LOCKSTEP_DATA_DIR=${LOCKSTEP_DATA_DIR:-data}
exec "$target/release/lockstep" serve
