# Every target is a script in scripts/: see there for what it does.
.PHONY: run test test-engines dev bench size sim mutants pictures fmt lint build

# Builds what is missing and starts Lockstep with demo data. PORT=4000 takes another port.
run:
	@scripts/run.sh

# Lint, Rust tests, browser tests. PARTS="lint rust" runs some of lint, rust, pgbouncer, browser.
test:
	@scripts/test.sh

# A smaller set of browser tests, in Firefox and WebKit.
test-engines:
	@scripts/test-engines.sh

# Rebuilds and reloads on each change.
dev:
	@scripts/dev.sh

# Measures the release under load. CASES=storm,writes and ON=sqlite,postgres measure less: see scripts/bench.sh.
bench:
	@scripts/bench.sh

# What a page weighs, and of which crates and generic functions.
size:
	@scripts/size.sh

# Plays many runs of a simulated world: SEEDS=50000, one: SEED=17, or what a failure has saved: PLAN=file.
sim:
	@scripts/sim.sh

# Breaks the code on purpose, and checks that the simulation notices.
mutants:
	@scripts/mutants.sh

# Draws the README's pictures anew, from the demo.
pictures:
	@scripts/pictures.sh

# The release, without starting it.
build:
	@scripts/tools.sh
	@scripts/build.sh

fmt:
	@cargo fmt --all

lint:
	@scripts/tools.sh
	@scripts/lint.sh
