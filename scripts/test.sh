#!/usr/bin/env bash
# All checks: lint, Rust tests (SQLite and PostgreSQL), the release, the browser tests. Continues after a failure or a
# timeout, and ends with the duration of each step and a line of totals. Logs stay in the target folder, under logs/.
# PARTS="lint rust" selects some of: lint, rust, pgbouncer, browser, engines; SHARD=1/2 half of the tests in Chromium.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

# The first run compiles everything, for tests and for the release.
need_room "$([[ -d $target/debug/deps && -d $target/release/deps ]] && echo 2 || echo 10)"

logs=$target/logs
mkdir -p "$logs"
rm -f "$logs"/*.log "$logs"/*.json
passed=0 failed=0 skipped=0 failures=() times=()

all_parts="lint rust pgbouncer browser engines"
parts=" ${PARTS:-$all_parts} "
for part in $parts; do
  [[ " $all_parts " == *" $part "* ]] || fail "PARTS names '$part'. There are: $all_parts."
done
wanted() { [[ $parts == *" $1 "* ]]; }

# run LOG TITLE MINUTES COMMAND…: prints and stores the command's output, and ends it after the timeout. Returns the
# command's status.
run() {
  local log=$logs/$1.log title=$2 minutes=$3 status=0 began=$SECONDS late
  shift 3
  step "$title"
  # In the background, so that Ctrl-C is not delayed: `timeout` detaches the command from the terminal.
  timeout --kill-after=20 "${minutes}m" "$@" 2>&1 | tee "$log" &
  trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM
  wait $! || status=$?
  trap - INT TERM
  times+=("$(printf '%3d:%02d  %s' $(((SECONDS - began) / 60)) $(((SECONDS - began) % 60)) "$title")")
  ((status != 0)) || return 0
  # 137: it did not end when asked to.
  if ((status == 124 || status == 137)); then
    late=$(unfinished "$log")
    title+=" did not end in $minutes minutes${late:+, because of $late}"
  fi
  failures+=("$title (log: $log)")
  return 1
}

# The tests that had been running for long without a result.
unfinished() {
  awk '/ has been running for over / { late[$2] } / \.\.\. (ok|FAILED)$/ { delete late[$2] }
    END { for (name in late) { printf "%s%s", separator, name; separator = ", " } }' "$1"
}

# A step that fails without naming a failed test (for example by not compiling) is one failure.
count_failure() { ((failed > $1)) || failed=$((failed + 1)); }

# rust_tests LOG TITLE MINUTES COMMAND…
rust_tests() {
  local before=$failed ok=0 p f s
  run "$@" || ok=1
  read -r p f s < <(awk '/^test result:/ { p += $4; f += $6; s += $8 } END { print p + 0, f + 0, s + 0 }' "$logs/$1.log")
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  ((ok == 0)) || count_failure "$before"
}

# browser_tests LOG TITLE MINUTES COMMAND…, against the release
browser_tests() {
  local before=$failed ok=0 p f s
  export LOCKSTEP_BIN=$target/release/lockstep PLAYWRIGHT_JSON_OUTPUT_FILE=$logs/$1.json
  run "$@" --reporter=list,json || ok=1
  if [[ -f $PLAYWRIGHT_JSON_OUTPUT_FILE ]]; then
    # A test that passed only on its second attempt is a failure here: there are no retries.
    read -r p f s < <(node -e '
      const { stats } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
      console.log(stats.expected, stats.unexpected + stats.flaky, stats.skipped);' "$PLAYWRIGHT_JSON_OUTPUT_FILE")
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  fi
  ((ok == 0)) || count_failure "$before"
}

scripts/tools.sh
[[ $parts == " lint " ]] || scripts/test-deps.sh
if wanted engines; then
  scripts/tools.sh engines
  scripts/test-deps.sh engines
fi
if wanted lint; then
  run lint "Lint" 20 scripts/lint.sh || failed=$((failed + 1))
fi
if wanted rust; then
  rust_tests rust "Rust tests, on SQLite and PostgreSQL" 30 cargo test --no-fail-fast
fi
if wanted pgbouncer; then
  # The tests that read and write the most.
  behind=(bulk comments due idempotency members moves notifications oversight::history preferences statuses tasks watch)
  rust_tests pgbouncer "The same through PgBouncer, in part" 10 env LOCKSTEP_TEST_PGBOUNCER=1 \
    cargo test --no-fail-fast --package server --test api -- "${behind[@]/%/::}" --skip ::sqlite
fi
if wanted browser || wanted engines; then
  if run build "The release" 30 scripts/build.sh; then
    run size "The page's weight" 1 node scripts/size.mjs gate "$target/site" || failed=$((failed + 1))
    ! wanted browser || browser_tests browser "Browser tests, in Chromium" 45 \
      npm --prefix end2end test -- ${SHARD:+"--shard=$SHARD"}
    ! wanted engines || browser_tests engines "Browser tests, in Firefox and WebKit" 15 \
      npm --prefix end2end run --silent test:engines --
  else
    failed=$((failed + 1))
  fi
fi

printf '\nMinutes:\n'
printf '  %s\n' "${times[@]}"
if ((${#failures[@]} > 0)); then
  printf '\nFailed:\n'
  printf '  - %s\n' "${failures[@]}"
fi
totals="$passed passed, $failed failed"
((skipped == 0)) || totals+=", $skipped skipped"
printf '\n%s\n' "$totals"
((failed == 0 && ${#failures[@]} == 0))
