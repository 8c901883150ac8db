# make demo   plays two nations' nodes on this machine (ARGS=--exit ends with status 0 if each step held; ARGS="--lang ja")
# make test   all fast tests;  make check  format, vet, staticcheck, generated files, tidy, race
# make generate  writes anew what follows from the table of STIX
# The rest is longer and by hand: fuzz, agreement, patterns, seeds, fips, soak, bench, vuln.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: build demo test check format vet staticcheck generate generated tidy race fuzz agreement patterns seeds fips soak bench vuln need-gcc need-chromium

GO    ?= go
TOOLS := $(GO) tool -modfile=tools/go.mod
ARGS  ?=

# What each part may take, cold, on two cores: together under the 14 minutes of .ci/run.
BUDGET_TEST  := 540s
BUDGET_CHECK := 180s
BUDGET_RACE  := 240s

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/wagasa ./cmd/wagasa

demo: build
	@bin/wagasa demo $(ARGS)

test: need-chromium
	timeout $(BUDGET_TEST) $(GO) test -timeout $(BUDGET_TEST) ./...

check: format vet staticcheck generated tidy race

format:
	@unformatted=$$(timeout $(BUDGET_CHECK) $(TOOLS) gofumpt -l cmd internal stix); \
	if [ -n "$$unformatted" ]; then echo "gofumpt would change:"; echo "$$unformatted"; exit 1; fi

vet:
	timeout $(BUDGET_CHECK) $(GO) vet ./...

staticcheck:
	timeout $(BUDGET_CHECK) $(TOOLS) staticcheck ./...

generate:
	$(GO) run ./stix/internal/gen

generated:
	timeout $(BUDGET_CHECK) $(GO) run ./stix/internal/gen -check

tidy:
	$(GO) mod tidy -diff
	cd tools && $(GO) mod tidy -diff

# The packages that run goroutines, on the memory store: SQLite is twenty times slower under the race detector.
RACE := ./internal/exchange ./internal/ingest ./internal/channel/... ./internal/store/memory ./internal/release ./internal/envelope

race: need-gcc
	CGO_ENABLED=1 timeout $(BUDGET_RACE) $(GO) test -race -short -timeout $(BUDGET_RACE) $(RACE)
	CGO_ENABLED=1 timeout $(BUDGET_RACE) $(GO) test -race -short -timeout $(BUDGET_RACE) -run 'PairingOverTheWire|Strangers|SlowClients|ManyAtOnce' ./internal/node
	CGO_ENABLED=1 timeout $(BUDGET_RACE) $(GO) test -race -short -timeout $(BUDGET_RACE) -run Concurrent ./stix

# What a target needs from Debian is installed where that is possible, and named where it is not.
need-gcc:
	@command -v gcc >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -q && apt-get install -qy gcc libc6-dev; } || \
	{ echo "the race detector needs gcc: install Debian's packages gcc and libc6-dev"; exit 1; }

# Tests of the pages in a real browser skip without it, and say so; where CI=true they fail.
need-chromium:
	@{ command -v chromium && fc-list :lang=ja | grep -q .; } >/dev/null 2>&1 || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -q && apt-get install -qy chromium fonts-noto-cjk; } || \
	{ echo "tests of the pages need a browser: install Debian's packages chromium and fonts-noto-cjk"; [ "$${CI:-}" != true ]; }

# ---- longer, by hand ----

FUZZTIME ?= 60s
# package:target; inputs that are sealed or signed anew each time cannot be minimised.
FUZZ := stix:FuzzReader stix:FuzzParse stix:FuzzParseMarking stix:FuzzSelector stix:FuzzEdit stix:FuzzUpgrade stix:FuzzValidate \
	stix/internal/cursor:FuzzCursor stix/typed:FuzzView stix/pattern:FuzzParse stix/pattern:FuzzMatch \
	internal/partner:FuzzParseCard internal/ledger:FuzzOpenCheckpoint internal/ledger:FuzzDetail \
	internal/envelope:FuzzOpen internal/envelope:FuzzOpenInner internal/envelope:FuzzOpenSigned internal/envelope:FuzzControl \
	internal/frame:FuzzUnwrap internal/author:FuzzExtract internal/search:FuzzParse internal/search:FuzzTokens \
	internal/account:FuzzCode internal/account:FuzzToken internal/account:FuzzName internal/account:FuzzCeremony internal/account:FuzzAssertion \
	internal/account:FuzzCreation internal/account:FuzzSource \
	internal/web/page:FuzzLocal internal/web/page:FuzzKnows

fuzz:
	for f in $(FUZZ); do \
	  $(GO) test ./$${f%%:*} -run '^$$' -fuzz "^$${f##*:}$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 50x; \
	done

# The validator against the JSON schemas of STIX 2.1; -update writes docs/schema-agreement.md.
agreement:
	$(GO) test ./stix -run TestAgreement -timeout 0 -agreement 100000 -update

# The compiled matcher of patterns against the naive one.
CASES ?= 100000
patterns:
	WAGASA_PATTERN_CASES=$(CASES) $(GO) test ./stix/pattern -run TestAgreement -timeout 0 -v

SEEDS ?= 20000
seeds:
	$(GO) test ./internal/exchange -run TestSeeds -timeout 0 -seeds $(SEEDS)

# Only FIPS-approved algorithms: the certified module refuses HPKE, so it is built with the latest.
fips:
	GOFIPS140=latest GODEBUG=fips140=only $(GO) test ./internal/partner ./internal/ledger ./internal/envelope ./internal/frame ./internal/exchange

KILLS ?= 200
soak:
	$(GO) test ./cmd/wagasa -run TestRoad -timeout 30m -v -kills $(KILLS)

COUNT ?= 3
bench:
	$(GO) test -run '^$$' -bench . -benchmem -count $(COUNT) -cpu 1 ./stix ./internal/...
	$(GO) test -run '^$$' -bench . -benchtime 1x -count $(COUNT) ./cmd/wagasa

vuln:
	$(GO) run golang.org/x/vuln/cmd/govulncheck@latest ./...
