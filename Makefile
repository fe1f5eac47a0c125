# Everything a developer does, one line each: make help.

GO       ?= go
BINARY   ?= tongka
TIMEOUT  ?= 20m
FUZZTIME ?= 20s
FAILOVERS ?= 10
# SQLite is C translated to Go, thousands of lines of pointers that share nothing with our code but copies. To watch each
# of its memory accesses for races takes three quarters of the time of tests that use it. The driver above it, and all
# else, is watched.
RACE     := -race -gcflags=modernc.org/...=-race=false -gcflags=modernc.org/sqlite=-d=checkptr=0
# A program with the race detector sleeps for a second at its exit. Every package of tests is one.
RACE_ENV := CGO_ENABLED=1 GORACE="atexit_sleep_ms=10 $$GORACE"
TOOL     := $(GO) tool -modfile=$(CURDIR)/tools/go.mod

.DEFAULT_GOAL := help
VERSION  ?= 0.1.0
.PHONY: help build test lint race cover fuzz fuzz-api specmatic sdk failover together mutate breaks bench golden gen verify-demo dist image alerts screenshots docs

help: ## list every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the static program ./tongka
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BINARY) ./cmd/tongka

test: ## vet and run all tests with the race detector, on SQLite and PostgreSQL; brings what it needs
	@sh scripts/need.sh postgres cc chromium node
	$(GO) vet ./...
	$(RACE_ENV) $(GO) test $(RACE) -shuffle=on -timeout $(TIMEOUT) ./...
	$(GO) test -timeout $(TIMEOUT) -run '^TestSimulation$$|^TestPropertyFind$$|^TestFindFoldedWhole$$|^TestMemoryOf' \
		./internal/engine ./internal/scheme ./internal/cardfile

lint: ## check format, that pages are generated from their templates, that the API breaks no program, and run the linters of .golangci.yml
	@bad=$$(gofmt -l .); test -z "$$bad" || { echo "not gofmt-clean:"; echo "$$bad"; exit 1; }
	@for f in $$(find internal -name '*.templ'); do \
		(cd $$(dirname $$f) && $(TOOL) templ generate -stdout -f $$(basename $$f)) | \
			cmp - $${f%.templ}_templ.go || { echo "make gen"; exit 1; }; done
	$(TOOL) golangci-lint run ./...
	@sh scripts/breaking.sh $(TOOL) oasdiff

race: ## run the packages where goroutines meet, five times over, with the race detector
	@sh scripts/need.sh postgres cc
	$(RACE_ENV) $(GO) test $(RACE) -shuffle=on -count=5 -timeout $(TIMEOUT) ./internal/engine/... ./internal/auth/... ./internal/httpd/...

cover: ## run all tests and say how much of the code they reach; the whole picture is in cover.html
	@sh scripts/need.sh postgres chromium
	$(GO) test -timeout $(TIMEOUT) -coverpkg=./... -coverprofile=cover.out ./...
	$(GO) tool cover -html=cover.out -o cover.html
	@$(GO) tool cover -func=cover.out | tail -n 1

fuzz: ## run every fuzz test for FUZZTIME (20s) each
	@sh scripts/fuzz.sh $(FUZZTIME)

sdk: ## make the types of the TypeScript client anew, compile it, and test it against the demo (npm, node)
	sh scripts/sdk.sh

specmatic: ## have specmatic call every operation of the API, rightly and wrongly (npm, node, java)
	sh scripts/specmatic.sh

APICALLS ?= 100000
fuzz-api: ## send the API 100,000 calls at random, and hold every answer against its description
	TONGKA_API_CALLS=$(APICALLS) $(GO) test -count=1 -timeout 30m -run TestRandomCalls -v ./internal/api

failover: ## lose a PostgreSQL primary in four ways, FAILOVERS (10) times each, under load by two processes
	@sh scripts/need.sh postgres
	TONGKA_FAILOVERS=$(FAILOVERS) $(GO) test -count=1 -v -parallel 2 -timeout 60m -run '^TestFailover$$' ./internal/crashtest

together: ## measure one, two and three processes that share a merchant, and write docs/together.md
	@sh scripts/need.sh postgres
	TONGKA_TOGETHER=5 TONGKA_TOGETHER_OUT=$(CURDIR)/docs/together.md $(GO) test -count=1 -v -timeout 15m -run '^TestProcessesShareAMerchant$$' ./internal/crashtest

mutate: ## change a whole set of books in 100,000 random ways, and want tongka verify to find each
	$(GO) test -count=1 -timeout $(TIMEOUT) -v -run '^TestEveryMutationIsFound$$' ./internal/verify -mutations 100000

breaks: ## make the mistakes that docs/reliability.md says are found, one at a time; INVARIANT=05 for one invariant
	@sh scripts/need.sh postgres
	$(GO) run ./internal/breaktest -invariant "$(INVARIANT)"

bench: ## measure this machine and write docs/performance.md
	@sh scripts/need.sh postgres wrk
	$(GO) run ./internal/bench

golden: ## write the golden files anew from what the code answers now; read the diff before you commit it
	$(GO) test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n 1 dirname | sort -u) -count=1 -update

screenshots: ## write pictures of every page of the demo, of console and holder's page, to docs/screens
	@sh scripts/need.sh chromium
	mkdir -p docs/screens
	TONGKA_SCREENS=$(CURDIR)/docs/screens $(GO) test -count=1 -v -timeout $(TIMEOUT) -run '^TestScreens$$' ./cmd/tongka

dist: ## build dist/: archives for linux, darwin and windows, deb and rpm, checksums; VERSION=0.1.0
	GO="$(GO)" sh scripts/dist.sh $(VERSION)

image: ## build the container image tongka:VERSION
	docker build --build-arg VERSION=$(VERSION) -f packaging/docker/Dockerfile -t tongka:$(VERSION) -t tongka .

alerts: ## check the alerts for Prometheus, and when each fires; it takes promtool
	promtool check rules packaging/monitoring/alerts.yaml
	promtool test rules packaging/monitoring/alerts_test.yaml

docs: ## build the documentation as a site, Chinese and English, in docs/.vitepress/dist (npm, node)
	npm ci --prefix docs/.vitepress --ignore-scripts --no-audit --no-fund
	npm run --prefix docs/.vitepress build

gen: ## write generated files anew; a test or make lint fails when one is out of date
	$(GO) generate ./...

verify-demo: ## have a fresh demo used as README.md does, and prove its books
	$(GO) test -count=1 -v -run '^TestSession$$' ./internal/readmetest
