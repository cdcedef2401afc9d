# Three commands do the daily work: go run ., make quick and make test.
.PHONY: help run deps quick format lint test check chaos fuzz bench bench-full benchstat gallery build dist clean

# The linters and the test runner live in a module of their own (tools/go.mod),
# so that they never enter the program's.
tool := go tool -modfile=tools/go.mod

# The benchmark, with the servers that it compares ours with, is a module too.
bench := go -C bench
bench-tool := $(bench) tool -modfile=../tools/go.mod

# The schemas that the manifests in deploy are checked against are a third one.
schemas := go -C deploy/schemas
schemas-tool := $(schemas) tool -modfile=../../tools/go.mod

# Ignore a go.work in a parent directory.
export GOWORK := off

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' Makefile

run: ## start the chat
	@go run .

deps: ## list and install what the tests need and this machine lacks
	@tools/install-test-needs.sh

# The packages whose tests need no server, browser or database of their own, and finish
# within seconds.
core := ./broker ./chat ./chatv1 ./config ./emoji ./fair ./journal ./jsonstring ./live ./locales ./markdown ./names ./static ./task ./views ./ws

# Lint, quick and the tests compile with the flags of the Dockerfile, so that the test that
# builds the program finds everything compiled, and so does another clone of this repository.
lint quick test: export CGO_ENABLED := 0
lint quick test: export GOFLAGS := -trimpath -buildvcs=false
quick: format ## check format, vet, and test the core packages, within seconds
	@go vet ./...
	@go test -count=1 $(core)

format:
	@files=$$($(tool) gofumpt -l .) || exit 1; \
	if [ -n "$$files" ]; then \
		printf '%s\n' "$$files" "Not formatted. Run: $(tool) gofumpt -w ."; exit 1; \
	fi

# Commits up to this one are exempt from the rule about subjects.
subjects-base := 8f132ae

lint: format ## look for mistakes in format, modules, code and commit subjects
	@tools/subjects.sh $(subjects-base)
	@# Tidying needs modules that building does not; offline they may be missing.
	@for module in . bench deploy/schemas; do \
		if diff=$$(go -C $$module mod tidy -diff 2>/dev/null); then continue; \
		elif [ -n "$$diff" ]; then \
			printf '%s\n' "$$diff" "Not tidy. Run: go -C $$module mod tidy"; exit 1; \
		else \
			echo "Skipped: go -C $$module mod tidy -diff does not work here. Is the network away?"; \
		fi; \
	done
	@command -v tsc >/dev/null || { echo "tsc is missing, which checks the types of the page. Run: make deps"; exit 1; }
	@tsc -p tools
	@go vet ./...
	@$(tool) staticcheck ./...
	@$(bench) vet ./...
	@$(bench-tool) staticcheck ./...
	@$(schemas) vet ./...
	@$(schemas-tool) staticcheck ./...
	@go -C tools vet ./sbom

# The race detector is the only thing here that needs cgo. By default each of its programs
# sleeps for a second before it exits, and checks each pointer conversion. In SQLite, which
# is C that was translated to Go, that check takes an eighth of the time of all tests.
race-env := CGO_ENABLED=1 GORACE=atexit_sleep_ms=0
race := -race -gcflags=modernc.org/...=-d=checkptr=0

# The packages whose tests take longest start first, so that none of them is left at the end.
longest := ./commands ./handlers/... ./fleet

test: deps lint ## run all checks and all tests
	@$(schemas-tool) gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg -- \
		-count=1 -timeout 1h ./...
	@# What a message allocates on its way is counted without the race detector, which
	@# allocates too.
	@go test -run '^$$' -bench Way -benchtime 2000x ./handlers >/dev/null || \
		{ echo "The way of a message allocates more than it says: go test -run '^$$' -bench Way ./handlers"; exit 1; }
	@# The browser tests run alone, since a browser needs both cores, and more of them at a
	@# time than there are cores, since each waits for its page. What they drive is the page;
	@# the race detector watches the same server in the tests below. The timeouts end what
	@# hangs; they are no measure of how fast a test is.
	@$(tool) gotestsum --format pkgname-and-test-fails -- -count=1 -parallel 4 -timeout 1h ./e2e
	@# Other tests mostly wait, for a rate, a line or a lease: more packages and tests run at
	@# a time than there are cores, and those of the benchmark run beside them.
	@log=$$(mktemp) && trap 'rm -f "$$log"' EXIT && \
	{ $(race-env) $(bench-tool) gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg -- \
		$(race) -count=1 -timeout 1h ./... >"$$log" 2>&1 & } && bench=$$! && failed= && \
	{ $(race-env) $(tool) gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg -- \
		$(race) -count=1 -p 3 -parallel 4 -timeout 1h $(longest) $$(go list ./... | grep -v '/e2e$$') || failed=1; } && \
	{ wait $$bench || failed=1; } && cat "$$log" && [ -z "$$failed" ]
	@log=$$(tools/fuzz.sh 10s 2>&1) || { printf '%s\n' "$$log"; exit 1; }

check: test ## what CI runs

# The long forms of the tests of docs/reliability.md. They run without the race detector,
# which would distort the measurements; RACE=-race looks for races instead. Tests that
# measure durations run alone; those of a fleet mostly wait.
chaos: export CHAOS := 1
chaos: export CGO_ENABLED := $(if $(RACE),1,0)
chaos: deps ## inject failures for longer than make test does, and print the measurements
	@log=$$(mktemp) && trap 'rm -f "$$log"' EXIT && failed=; \
	go test $(RACE) -count=1 -p 1 -parallel 1 -v -timeout 40m ./commands ./store ./handlers >"$$log" 2>&1 || failed=1; \
	go test $(RACE) -count=1 -parallel 8 -v -timeout 15m ./fleet >>"$$log" 2>&1 || failed=1; \
	go test $(RACE) -count=1 -v -timeout 10m -run 'Stampede|SlowLine' ./e2e >>"$$log" 2>&1 || failed=1; \
	sed -n 's/.*figure: //p' "$$log" | sort -V; \
	if [ "$$failed" ]; then \
		grep -E '^ *(--- FAIL|panic:|FAIL)|_test\.go:[0-9]+: ' "$$log" | grep -v 'figure: '; exit 1; \
	fi

# How long each of the fuzz tests runs.
FUZZTIME ?= 10m

fuzz: ## look for input that breaks something: FUZZTIME=10m for each test
	@tools/fuzz.sh "$(FUZZTIME)"

# The results go to the standard output, progress and the table of each mode to the
# standard error.
bench: ## run all benchmarks that have a goal, in less than ten minutes
	@$(bench) run . report --rounds 2

bench-full: ## run all benchmarks, with those of other servers: up to an hour
	@$(bench) run . report --full --peers

# Compares the benchmarks of a message's path with those of another commit.
benchstat: export CGO_ENABLED := 0
benchstat: BASE ?= HEAD
benchstat: ## compare the benchmarks of a message with those of a commit: BASE=main
	@folder=$$(mktemp -d) && trap 'git worktree remove --force "$$folder/base"; rm -rf "$$folder"' EXIT && \
	git worktree add --quiet --detach "$$folder/base" "$(BASE)" && \
	for i in 1 2 3 4 5 6; do \
		(cd "$$folder/base" && go test -run '^$$' -bench Way ./handlers) >>"$$folder/old.txt"; \
		go test -run '^$$' -bench Way ./handlers >>"$$folder/new.txt"; \
	done; \
	$(tool) benchstat "$(BASE)=$$folder/old.txt" "now=$$folder/new.txt"

gallery: ## renew the pictures of docs/gallery
	@go test -count=1 -timeout 10m ./e2e -run TestEveryScreenIsForEverybody -gallery ../docs/gallery

build: ## build bin/chatserver
	@CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/chatserver .

dist: ## build dist/: programs for all platforms, checksums, SBOMs
	@tools/dist.sh

clean: ## remove what build and dist made
	@rm -rf bin dist
