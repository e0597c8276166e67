# Sourced by every script: where things are, and how a step speaks.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

# One folder for all that is built. A relative one would mean another folder in each crate.
target=${CARGO_TARGET_DIR:-target}
[[ $target == /* ]] || target=$root/$target
export CARGO_TARGET_DIR=$target

# For the release, page and server: views without their types are a fifth less WASM (494 against 614 KiB after brotli).
# shellcheck disable=SC2034
release_rustflags="--cfg erase_components"

# Tools that a machine lacks, or has in another version, go to a folder of their own: what somebody
# installed for other projects stays as it is, and the next clone finds them.
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
# at_least 1.95.0 1.95: whether the first version is the second or newer.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }
# need_room GB: ends here where the target folder's disk has less, and not in the middle of a build.
need_room() {
  mkdir -p "$target"
  local free
  free=$(df -Pk "$target" | awk 'NR == 2 { print int($4 / 1048576) }')
  ((free >= $1)) || fail "The disk of $target has $free GB left. The build needs $1 GB." "Free some space, or name a folder on another disk in CARGO_TARGET_DIR."
}
# Reads .env, where there is one. What is set in the environment already stays as it is.
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
