#!/usr/bin/env bash
# Measures release servers under load, and prints a table: all of it in about 13 minutes.
# CASES=100,1000,projects,ramp-100,ramp-1000,writes-one,writes,hot,bulk,idle,storm,stalled,bell,oversight,page and
# ON=sqlite,sqlite-redis,sqlite-two,postgres,postgres-redis,postgres-two name some of it; sqlite-normal and postgres-normal are LOCKSTEP_DURABILITY=normal.
# SIZES=57,500 measures the page with boards of so many cards.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

scripts/tools.sh
scripts/build.sh
step "Measuring"
export CASES=${CASES:-} ON=${ON:-}
export LOCKSTEP_BIN=$target/release/lockstep LOCKSTEP_SITE=$target/site
# With the flags of the release build, so that its artefacts are reused.
export RUSTFLAGS=$release_rustflags
servers=$(tr , '\n' <<<"$CASES" | grep --line-regexp --invert-match page | paste --serial --delimiters , || true)
if [[ -z $CASES || -n $servers ]]; then
  CASES=$servers cargo bench --package server --bench board
fi
# How a page performs in Chromium: by the size of its board, while others change it, and on a phone's first visit.
if [[ -z $CASES || ,$CASES, == *,page,* ]]; then
  # 13 needs Node 22.
  lighthouse=12.8.2
  export LIGHTHOUSE=$target/lighthouse-$lighthouse/node_modules/.bin/lighthouse
  [[ -x $LIGHTHOUSE ]] || npm install --silent --no-audit --no-fund --prefix "$target/lighthouse-$lighthouse" "lighthouse@$lighthouse"
  (cd end2end && npx playwright test --config bench.config.ts)
fi
