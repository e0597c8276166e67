#!/usr/bin/env bash
# All static checks. Continues after a failure, and lists the failures at the end.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

wasm=wasm32-unknown-unknown
failed=()
check() {
  step "$1"
  shift
  "$@" || failed+=("$*")
}

# The page must not include the server: a database driver compiles to WASM, and only its size would show it.
page_is_pure() {
  local found
  found=$(cargo tree --package frontend --target "$wasm" --edges normal --prefix none --format '{p} {f}' |
    grep -E '^(sqlx|redis|axum|hyper|reqwest|mio|socket2|tracing-subscriber)([-_ ]|$)|^tokio .*[ ,](net|full)(,|$)' | sort -u) || true
  [[ -z $found ]] && return
  printf 'The page depends on:\n%s\n' "$found" >&2
  return 1
}

# A test that never ends would keep the whole run from ending.
tests_have_deadlines() {
  ! grep -rnE '#\[tokio::test(\]|\((flavor|start_paused))' server/tests >&2
}

# `make mutants` takes half an hour, so check here that its patches still apply.
mutants_apply() {
  local patch ok=0
  for patch in engine/tests/sim/mutants/*.patch; do
    git apply --check "$patch" || { printf '%s does not apply any more\n' "$patch" >&2; ok=1; }
  done
  return "$ok"
}

# Each rule of a field (what is typed is never rewritten, nothing is cut, input methods) holds where all fields are the same.
fields_are_shared() {
  ! grep -rnE '(^|[^"])<(input|textarea|select)( |$)' app/src --include='*.rs' --exclude-dir=field >&2
}

# Keys of an input method are kept from all handlers in one place; a handler that asks itself has forgotten two of three signs.
compositions_are_kept_apart() {
  ! grep -rn 'is_composing()' app/src frontend/src --include='*.rs' | grep -v '^app/src/ui/field/key.rs' >&2
}

# Sizes follow the reader's font size. Pixels are for hairlines, shadows and drawings with units of their own.
sizes_are_in_rem() {
  ! grep -nE '[0-9]px' style/*.css |
    grep -vE '(border|outline|shadow|stroke|underline)[a-z-]*:|[ (:-](0|1|1\.5|2|999)px|^style/tokens.css:[0-9]+: *0 8px|max\(.*, 16px\)|^style/heat.css:.*font-size' >&2
}

# No import circles, no broken walls, no doubled type names; and that the check notices such faults.
modules_have_walls() {
  local said
  node scripts/modules/check.mjs || return 1
  said=$(node --test scripts/modules/check.test.mjs) || { printf '%s\n' "$said" >&2; return 1; }
}

check "Formatting (cargo fmt)" cargo fmt --all --check
check "Walls between modules (scripts/modules)" modules_have_walls
check "Clippy, host" cargo clippy --all-targets --quiet -- -D warnings
# Separate from the host build: in one build, Leptos' features for browser and server would be unified.
check "Clippy, the build's own program" cargo clippy --package xtask --quiet -- -D warnings
check "Clippy, browser" cargo clippy --package frontend --target "$wasm" --quiet -- -D warnings
check "Clippy, the app as the browser has it" cargo clippy --package app --features hydrate --target "$wasm" --quiet -- -D warnings
check "The page's dependencies" page_is_pure
check "The deadlines of the API tests (crate = \"crate::harness\")" tests_have_deadlines
check "Fields of the pages (app/src/ui/field)" fields_are_shared
check "Keys of input methods (app/src/ui/field/key.rs)" compositions_are_kept_apart
check "Sizes of the style sheets (rem)" sizes_are_in_rem
check "The mutants of the simulation" mutants_apply
check "TypeScript of the browser tests" npm --prefix end2end run --silent lint

((${#failed[@]} == 0)) || fail "${#failed[@]} failed:" "${failed[@]}"
