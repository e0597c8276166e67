#!/usr/bin/env bash
# The dependencies of the tests: Chromium, PostgreSQL with PgBouncer, and Redis. Installs them on Debian and Ubuntu as
# root or through sudo; elsewhere reports what is missing. The tests start their own servers, on free ports.
# `test-deps.sh engines`: those of the tests in Firefox and WebKit.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

chromium=${CHROMIUM_PATH:-/usr/bin/chromium}
packages=() missing=()
need() {
  packages+=("$1")
  missing+=("$2")
}

step "Checking what the tests run against"
if [[ ${1:-} == engines ]]; then
  firefox=${FIREFOX_PATH:-/usr/bin/firefox-esr}
  [[ -x $firefox ]] || need firefox-esr "Firefox at $firefox (FIREFOX_PATH names another place)"
  have WebKitWebDriver || need webkit2gtk-driver "WebKitWebDriver, on PATH, with the MiniBrowser of WebKitGTK"
  have Xvfb || need xvfb "Xvfb, on PATH"
  there="Firefox, WebKitGTK and Xvfb are there"
else
  [[ -x $chromium ]] || need chromium "Chromium at $chromium (CHROMIUM_PATH names another place)"
  have redis-server || need redis-server "redis-server, on PATH"
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || need postgresql "PostgreSQL, its initdb and postgres under /usr/lib/postgresql"
  [[ -x /usr/sbin/pgbouncer ]] || need pgbouncer "PgBouncer at /usr/sbin/pgbouncer"
  there="Chromium, Redis, PostgreSQL and PgBouncer are there"
fi
if ((${#packages[@]} == 0)); then
  say "$there"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  if have sudo && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
    as_root=(sudo)
  else
    fail "The tests lack:" "${missing[@]/#/- }" "" "On Debian or Ubuntu: apt install ${packages[*]}"
  fi
fi
have apt-get || fail "The tests lack:" "${missing[@]/#/- }"

step "Installing ${packages[*]} (apt-get)"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}"
