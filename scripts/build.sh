#!/usr/bin/env bash
# Builds the release: the server (release/lockstep) and the page assets (site/) under the target folder.
# Does nothing if nothing has changed since the last build.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

binary=$target/release/lockstep
stamp=$target/release/.lockstep-stamp

# The files of the release, without tests and benches.
sources=(Cargo.toml Cargo.lock scripts/build.sh scripts/page.sh scripts/site.mjs end2end/package-lock.json style server/migrations
  engine/Cargo.toml engine/src app/Cargo.toml app/src frontend/Cargo.toml frontend/src server/Cargo.toml server/src xtask)

# The stamp is older than its build, so that an edit during the build counts, and names the clone, because several may
# share a target folder.
is_fresh() {
  [[ -x $binary && -d $target/site/pkg && -f $stamp && $(<"$stamp") == "$root" ]] || return
  [[ -z $(find "${sources[@]}" -newer "$stamp" -print -quit) ]]
}

if is_fresh; then
  step "The release is up to date"
  exit 0
fi

need_room "$([[ -d $target/release/deps ]] && echo 2 || echo 3)"
log=$target/logs/page.log
# In GB, if the system reports it like Linux does.
memory=$(awk '/^MemTotal:/ { print int($2 / 1048576) }' /proc/meminfo 2>/dev/null || echo 8)
mkdir -p "$target/release" "$target/logs"
rm -f "$stamp"
printf '%s\n' "$root" >"$stamp.new"

# Builds page and server side by side, because much of either build is single-threaded. The output of the page's build
# goes to a log. It runs in its own process group, so that it can be ended with its children.
set -m
scripts/page.sh >"$log" 2>&1 &
page=$!
set +m
trap 'kill -- "-$page" 2>/dev/null || true' EXIT
# Each needs up to 2.5 GB of memory: one after the other if memory is scarce.
((memory >= 6)) || wait "$page" || true

step "Building the release (the first time 5 to 15 minutes): the server, and the page beside it (log: $log)"
RUSTFLAGS=$release_rustflags cargo build --package server --bin lockstep --no-default-features --release
[[ -x $binary ]] || fail "The build left no server at $binary."

step "Waiting for the page"
wait "$page" || {
  tail -n 40 "$log" >&2
  fail "The page was not built. All that the build said is in $log."
}
trap - EXIT
compgen -G "$target/site/pkg/*.wasm.br" >/dev/null || fail "The build left no page assets in $target/site/pkg."
mv "$stamp.new" "$stamp"
