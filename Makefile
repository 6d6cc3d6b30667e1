# Two commands need only Go, git and make: `make demo` and `make test`.

GO        ?= go
PKG       ?= ./...
FUZZTIME  ?= 30s
PROGRAMS  ?= 100000
KILLS     ?= 200
RACES     ?= 10000
PACKAGES  ?= 10000
EDITORS   ?= neovim eglot
HOOKS     ?= git precommit lefthook lintstaged
GOLANGCI  ?= v2.15.0
SHAPES    ?= W1,W2,S1,T1
ROUNDS    ?= 3
RACE      := . ./cmd/... ./rewrite/source/...
EXE       := bin/lockfix
BENCH      = $(GO) test -run='^$$' -bench=. -benchmem
# The packages that have benchmarks: linking the tests of all takes longer than these.
BENCHED    = $$(if [ '$(PKG)' != ./... ]; then echo $(PKG); else grep -rl --include='*_test.go' '^func Benchmark' cmd internal rewrite | xargs -r -n1 dirname | sort -u | sed 's,^,./,'; fi)

.DEFAULT_GOAL := help
.PHONY: help build test race torn many races e2e e2e-golangci e2e-hooks e2e-outputs e2e-views e2e-vscode vuln lint behaviour stress differ fuzz bench bench-last bench-base bench-editor bench-peers bench-size golden docs rule dogfood corpus demo check fmt vet floors

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Without C libraries, which are loaded at each start: a sixth of the time of one.
build: ## build bin/lockfix
	CGO_ENABLED=0 $(GO) build -o $(EXE) ./cmd/lockfix

test: ## run the tests (PKG=./rules/... for some of them)
	$(GO) test $(PKG)

race: ## run the tests of what is concurrent under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -timeout 30m $(RACE)

torn: ## kill lockfix -w KILLS times over 500 files: none is torn
	LOCKFIX_KILLS=$(KILLS) $(GO) test -run TestKilledRuns -v -timeout 2h ./cmd/lockfix

many: ## run lockfix over PACKAGES packages of one line
	LOCKFIX_PACKAGES=$(PACKAGES) $(GO) test -run TestManyPackages -v -timeout 1h ./cmd/lockfix

races: ## type RACES times into an editor while fixes are asked for: none is stale
	LOCKFIX_RACES=$(RACES) $(GO) test -run TestRealEditsAreNeverStale -v -timeout 2h ./cmd/lockfix

e2e: build ## drive lockfix lsp by real editors without a screen (EDITORS='neovim eglot')
	@for editor in $(EDITORS); do sh cmd/lockfix/testdata/e2e/$$editor.sh $(EXE) || exit 1; done

e2e-hooks: build ## commit through git, pre-commit, lefthook, and husky with lint-staged (HOOKS='git precommit')
	@for hook in $(HOOKS); do sh cmd/lockfix/testdata/hooks/$$hook.sh $(EXE) . || exit 1; done

e2e-golangci: ## link golangci-lint GOLANGCI with the plugin and run it (downloads its modules)
	LOCKFIX_GOLANGCI=$(GOLANGCI) $(GO) test -run TestGolangci -v -count=1 -timeout 1h ./cmd/gclplugin

e2e-vscode: build ## drive lockfix lsp by VS Code in Chromium (builds code-server for some minutes, once)
	sh cmd/lockfix/testdata/e2e/vscode.sh $(EXE)

e2e-outputs: build ## hold SARIF and rdjson against the programs that read them (needs npm and the network)
	sh cmd/lockfix/testdata/e2e/outputs.sh $(EXE)

e2e-views: build ## look at graphs and reports in a headless Chromium; screenshots go to bin/views
	sh cmd/lockfix/testdata/e2e/views.sh $(EXE) bin/views

vuln: ## look for known vulnerabilities (needs the network)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@latest ./...

lint: fmt vet ## gofmt, vet, staticcheck; golangci-lint too where it is installed
	$(GO) tool staticcheck ./...
	@if command -v golangci-lint >/dev/null; then golangci-lint run; fi

behaviour: ## run the tests of all archives 20 times under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -timeout 30m ./rules/... -behaviour.race -behaviour.count=20

stress: ## carry out senseless plans on every Go file below ROOTS (directories, separated by commas)
	cd rewrite/splice && $(GO) test -run TestStress -v -timeout 0 -stress.files=0 -stress.roots=$(ROOTS)

differ: ## run PROGRAMS generated programs before and after lockfix and compare (needs a C compiler)
	CGO_ENABLED=1 $(GO) run ./cmd/differ --programs=$(PROGRAMS) --keep=bin/differ

fuzz: ## run every fuzz target for FUZZTIME
	@grep -rl --include='*_test.go' '^func Fuzz' cmd internal rewrite | xargs -r -n1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -h -o '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -d' ' -f2); do \
			echo "$$dir $$target"; $(GO) test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) ./$$dir || exit 1; \
		done; \
	done

bench: $(if $(BASE),bench-base,bench-last) ## run the benchmarks and compare with the last run (BASE=v1: with that revision)

# What fails or is interrupted is no base for the next run.
bench-last:
	@mkdir -p bin
	$(BENCH) -count=6 $(BENCHED) | tee bin/bench.part; ! grep -q '^FAIL' bin/bench.part
	@if [ -f bin/bench.new ]; then mv bin/bench.new bin/bench.old; fi; mv bin/bench.part bin/bench.new
	@if [ -f bin/bench.old ]; then $(GO) tool benchstat bin/bench.old bin/bench.new; fi

# Turn and turn about, so that both see the same hours of the machine. What only
# one of them has is not compared.
bench-base:
	@mkdir -p bin; rm -f bin/bench.base bin/bench.this; base=$$(mktemp -d); \
	trap 'git worktree remove --force "$$base"' EXIT; trap 'exit 1' INT TERM; \
	git worktree add --quiet --detach "$$base" $(BASE) || exit 1; \
	for i in 1 2 3 4 5 6; do \
		(cd "$$base" && $(BENCH) $(BENCHED)) >>bin/bench.base && $(BENCH) $(BENCHED) >>bin/bench.this || \
			{ grep -h -B 20 '^FAIL' bin/bench.base bin/bench.this >&2; exit 1; }; \
		echo "round $$i of 6"; \
	done; \
	$(GO) tool benchstat bin/bench.base bin/bench.this

bench-peers: build ## measure lockfix beside vet, staticcheck and build: make bench-peers DIR=clone [TOUCH_LEAF=file TOUCH_DEEP=file]
	$(GO) run ./cmd/peers compare --dir '$(DIR)' --rounds $(ROUNDS) --touch-leaf '$(TOUCH_LEAF)' --touch-deep '$(TOUCH_DEEP)' \
		--lockfix $(EXE) $(if $(STATES),--states $(STATES)) $(if $(OUT),-o '$(OUT)')

bench-size: build ## measure lockfix on generated modules: twice the packages take at most 2.2 times the CPU time
	$(GO) run ./cmd/peers size --lockfix $(EXE) --rounds $(ROUNDS) $(if $(SIZES),--sizes $(SIZES))

bench-editor: build ## measure how long lockfix lsp lets one wait: make bench-editor DIR=clone FILE=p/p.go
	$(GO) run ./cmd/peers editor --dir '$(DIR)' --file '$(FILE)' --lockfix $(EXE)

golden: ## write the goldens of every test that has some
	@grep -rl --include='*.go' 'flag.Bool("update"' cmd internal rewrite | xargs -n1 dirname | sort -u | while read -r dir; do \
		case $$dir in rewrite/ruletest) dir='rules/*/' ;; esac; $(GO) test ./$$dir -update || exit 1; \
	done

docs: ## write the generated parts of README.md, rules/README.md and cmd/lockfix/README.md
	$(GO) test -run 'Test.*IsFresh' . -update

rule: ## start a new rule: make rule NAME=x
	$(GO) run ./internal/scaffold $(NAME)

dogfood: build ## run lockfix on itself: it finds nothing
	$(EXE) --tests ./...

corpus: build ## measure lockfix on local clones: make corpus DIR=clones [FACTS=tables]
	$(if $(FACTS),$(GO) run ./cmd/corpus fixes --dir $(DIR) --facts $(FACTS)/fixes.tsv --shape $(SHAPES) --lockfix $(EXE))
	$(if $(FACTS),$(GO) run ./cmd/corpus negatives --dir $(DIR) --facts $(FACTS)/negatives.tsv --lockfix $(EXE))
	$(GO) run ./cmd/corpus repos --dir $(DIR) --lockfix $(EXE)
	$(GO) run ./cmd/corpus judge

demo: build ## show the findings in testdata/demo, then the diff that mends them
	$(EXE) -C testdata/demo --exit-zero ./...
	$(EXE) -C testdata/demo --exit-zero -d ./...

check: fmt vet ## what CI runs, cheapest first
	$(GO) tool staticcheck ./...
	$(GO) test -run 'TestPackages|TestReserved' .
	$(GO) test ./...
	$(MAKE) dogfood race

fmt:
	@out=$$(gofmt -l $$(git ls-files '*.go' ':!:rewrite/**/testdata/**' ':!:cmd/**/testdata/**')); if [ -n "$$out" ]; then echo "not gofmt'd: $$out" >&2; exit 1; fi

vet:
	$(GO) vet ./...
