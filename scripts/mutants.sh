#!/usr/bin/env bash
# Applies each patch of engine/tests/sim/mutants to a copy of the code, and checks that the simulation notices.
# ONLY='name name' selects some. Prints the failure and its seed.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

copy=$target/mutants/source
export CARGO_TARGET_DIR=$target/mutants/target LOCKSTEP_SEEDS=${SEEDS:-2000} LOCKSTEP_SHRINK=0
rm -rf "$copy"
mkdir -p "$copy"
# With the current time: cargo must not take a file for one that it compiled with a mutant.
git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- | tar --extract --touch --directory "$copy"
survived=()
for name in ${ONLY:-$(basename --suffix .patch engine/tests/sim/mutants/*.patch)}; do
  patch=engine/tests/sim/mutants/$name.patch
  change() { patch --directory "$copy" --strip 1 --quiet --no-backup-if-mismatch "$@" <"$patch"; }
  change || fail "$patch does not apply any more"
  if said=$(cd "$copy" && cargo test --quiet --package engine --test sim -- --nocapture every_plan 2>&1); then
    survived+=("$patch")
    said="nothing"
  else
    said=$(grep -m 1 '^seed ' <<<"$said" || fail "$patch does not compile" "$said")
  fi
  change --reverse
  printf '%s\n    %s\n' "$(head -n 1 "$patch")" "${said:0:200}"
done
((${#survived[@]} == 0)) || fail "The simulation did not notice:" "${survived[@]}"
