#!/usr/bin/env bash
# Provides the tools of a build: checks the compilers, and installs the WASM target and the npm tools if missing.
# `tools.sh dev` also installs cargo-leptos and wasm-bindgen, which only `make dev` needs, and `tools.sh engines`
# geckodriver, which only the tests in other engines need.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

cargo_leptos_version=0.3.10
# wasm-bindgen's command must have exactly the version that is compiled into the page.
wasm_bindgen_version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' Cargo.lock)
geckodriver_version=0.37.1
# The minimum supported compiler of the workspace.
rust_version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
node_version=20.11

check_compilers() {
  step "Checking Rust, Node and the C compiler"
  local rustup_hint="Get it from https://rustup.rs: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
  { have cargo && have rustc; } || fail "Rust is not installed. Lockstep needs $rust_version or newer." "$rustup_hint"
  local rust node
  rust=$(rustc --version | awk '{print $2}')
  at_least "$rust" "$rust_version" ||
    fail "Rust $rust is too old. Lockstep needs $rust_version or newer." "With rustup: rustup update stable" "$rustup_hint"

  local node_hint="Get it from https://nodejs.org, or with a version manager: nvm install $node_version"
  { have node && have npm; } || fail "Node is not installed. Lockstep needs $node_version or newer, with npm." "$node_hint"
  node=$(node --version)
  at_least "${node#v}" "$node_version" || fail "Node $node is too old. Lockstep needs $node_version or newer." "$node_hint"

  have cc || fail "There is no C compiler (cc)." "Debian, Ubuntu: apt install build-essential" "Fedora: dnf group install development-tools" "macOS: xcode-select --install"
  say "Rust $rust, Node ${node#v}, $(cc --version | head -n 1)"
}

get_wasm_target() {
  [[ -d $(rustc --print target-libdir --target wasm32-unknown-unknown) ]] && return
  step "Adding the wasm32-unknown-unknown target to Rust"
  have rustup || fail "The wasm32-unknown-unknown target is missing, and there is no rustup to add it." \
    "Install your distribution's package for it, or use rustup: https://rustup.rs"
  rustup target add wasm32-unknown-unknown
}

# The second word of a command's version output, or nothing.
version_of() { "$@" --version 2>/dev/null | awk 'NR == 1 { print $2 }' || true; }

# install NAME VERSION FLAGS…: as a prebuilt binary if cargo-binstall is available, else from source. Uses a quick
# profile: these tools run for seconds, and optimising them would take minutes.
install_tool() {
  local name=$1 version=$2
  shift 2
  mkdir -p "$tools"
  if have cargo-binstall; then
    say "trying a ready-made binary first"
    if cargo binstall "$name@$version" --root "$tools" --no-confirm --disable-strategies compile; then
      return
    fi
  fi
  say "compiling it from source, once (into $tools)"
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    CARGO_TARGET_DIR=$target/tools \
    cargo install "$name" --version "$version" --root "$tools" --force "$@"
  rm -rf "$target/tools"
}

get_cargo_leptos() {
  [[ $(version_of cargo leptos) == "$cargo_leptos_version" ]] && return
  { have perl && have make; } || fail "To compile cargo-leptos takes perl and make." "Debian, Ubuntu: apt install perl make"
  step "Installing cargo-leptos $cargo_leptos_version (from source 5 to 15 minutes)"
  # no_downloads: a missing tool is an error rather than an unannounced download in the middle of a build.
  install_tool cargo-leptos "$cargo_leptos_version" --locked --features no_downloads
}

get_wasm_bindgen() {
  [[ $(version_of wasm-bindgen) == "$wasm_bindgen_version" ]] && return
  step "Installing wasm-bindgen $wasm_bindgen_version (from source 1 to 3 minutes)"
  # Without default features it has no TLS stack, which only its unused test runner needs.
  install_tool wasm-bindgen-cli "$wasm_bindgen_version" --no-default-features
}

get_geckodriver() {
  [[ $(version_of geckodriver) == "$geckodriver_version" ]] && return
  step "Installing geckodriver $geckodriver_version (from source 2 to 5 minutes)"
  install_tool geckodriver "$geckodriver_version" --locked
}

get_npm_tools() {
  local stamp=end2end/node_modules/.lockstep-stamp
  if [[ -f $stamp ]] && cmp -s end2end/package-lock.json "$stamp"; then return; fi
  step "Installing the npm tools (wasm-opt, Lightning CSS, esbuild, Playwright) into end2end/node_modules"
  # The browser is the system's Chromium: Playwright's own would be a separate download.
  (cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund)
  cp end2end/package-lock.json "$stamp"
}

check_compilers
get_wasm_target
get_npm_tools
case ${1:-} in
  dev)
    get_cargo_leptos
    get_wasm_bindgen
    ;;
  engines) get_geckodriver ;;
esac
