#!/usr/bin/env bash
# Builds the release: the server (release/lockstep) and the page assets (site/) under the target folder.
# Where nothing changed since the last one, it does nothing.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

binary=$target/release/lockstep
stamp=$target/release/.lockstep-stamp

# What goes into the release, tests and benches left out.
sources=(Cargo.toml Cargo.lock scripts/build.sh end2end/package-lock.json style server/migrations
  engine/Cargo.toml engine/src app/Cargo.toml app/src frontend/Cargo.toml frontend/src server/Cargo.toml server/src)

# The stamp is older than the build that it stands for, so that an edit during the build counts, and
# names the clone, because several may share one target folder.
is_fresh() {
  [[ -x $binary && -d $target/site/pkg && -f $stamp && $(<"$stamp") == "$root" ]] || return
  [[ -z $(find "${sources[@]}" -newer "$stamp" -print -quit) ]]
}

if is_fresh; then
  step "The release is up to date"
  exit 0
fi

need_room "$([[ -d $target/release/deps ]] && echo 2 || echo 5)"
step "Building the release: the page for the browser, then the server (the first time 5 to 15 minutes)"
mkdir -p "$target/release"
rm -f "$stamp"
printf '%s\n' "$root" >"$stamp.new"
# Compressed once here, and not for each visitor.
cargo leptos build --release --precompress
[[ -x $binary ]] || fail "The build left no server at $binary."
compgen -G "$target/site/pkg/*.wasm" >/dev/null || fail "The build left no page assets in $target/site/pkg."
mv "$stamp.new" "$stamp"
