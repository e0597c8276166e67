# Sourced by every script: folders, and output of steps.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

# One target folder. A relative one would differ between crates.
target=${CARGO_TARGET_DIR:-target}
[[ $target == /* ]] || target=$root/$target
export CARGO_TARGET_DIR=$target

# For the release, page and server: type-erased views make the WASM a fifth smaller (494 against 614 KiB after brotli).
# shellcheck disable=SC2034
release_rustflags="--cfg erase_components"

# Missing tools, or those of other versions, go to a separate folder: other projects' tools stay untouched, and the
# next clone finds them.
tools=${LOCKSTEP_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/lockstep/tools}
export PATH="$root/end2end/node_modules/.bin:$tools/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

step() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }
say() { printf '    %s\n' "$*"; }
fail() {
  printf '\n\033[1;31merror:\033[0m %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '       %s\n' "$@" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
# at_least 1.95.0 1.95: whether the first version is at least the second.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }
# need_room GB: exits if the target folder's disk has less free, rather than in the middle of a build.
need_room() {
  mkdir -p "$target"
  local free
  free=$(df -Pk "$target" | awk 'NR == 2 { print int($4 / 1048576) }')
  ((free >= $1)) || fail "The disk of $target has $free GB left. The build needs $1 GB." "Free some space, or name a folder on another disk in CARGO_TARGET_DIR."
}
# Reads .env, if it exists. The environment takes precedence.
load_settings() {
  [[ -f .env ]] || return 0
  local own
  own=$(export -p)
  set -a
  # shellcheck source=/dev/null
  source .env
  set +a
  eval "$own"
}
