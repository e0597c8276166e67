#!/usr/bin/env bash
# Runs the simulation in release mode: SEEDS=50000 many, SEED=17 one, PLAN=file a saved failure.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

[[ -z ${PLAN:-} ]] || PLAN=$(realpath "$PLAN")
export LOCKSTEP_SEEDS=${SEEDS:-} LOCKSTEP_SEED=${SEED:-} LOCKSTEP_PLAN=${PLAN:-}
exec cargo test --quiet --release --package engine --test sim -- --nocapture every_plan_keeps_the_promises
