# Every target works on a machine that has Go and make, nothing else; `compat`
# and `rotation` also need Node.js.
GO      ?= go
BIN     := bin/cess
PKGS    := ./...
FUZZTIME ?= 120s

.PHONY: build run test check e2e rotation chaos compat bench fuzz sim fmt

build: ## the one binary, bin/cess
	@mkdir -p bin
	$(GO) build -trimpath -o $(BIN) ./cmd/cess

run: build ## a whole network on this machine; stores a file and keeps running
	./$(BIN) devnet --demo

check: ## static checks, unit and property tests with the race detector
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt needed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet $(PKGS)
	$(GO) vet -tags 'cheat chaos e2e nextruntime' ./nodes/miner ./ledger/consensus ./cmd/cess ./test/...
	$(GO) tool staticcheck $(PKGS)
	$(GO) test -race -timeout 15m $(PKGS)

e2e: build ## whole networks over real processes
	CESS_BIN=$(abspath $(BIN)) $(GO) test -tags e2e -count=1 -timeout 180m -v ./test/e2e/...

rotation: build ## 4 validators, 7 candidates, five eras, read by foreign clients too (needs Node.js)
	CESS_E2E_CLIENTS=1 CESS_BIN=$(abspath $(BIN)) $(GO) test -tags e2e -count=1 -timeout 30m -v -run TestRotation ./test/e2e

chaos: ## validators under fire: kills, partitions, clocks, disks; CESS_CHAOS_FULL=1 for the acceptance counts
	$(GO) test -tags chaos -count=1 -timeout 0 -v ./test/chaos

compat: build ## foreign clients: upstream Go SDK, @polkadot/api, polkadot-api
	CESS_BIN=$(abspath $(BIN)) ./test/compat/run.sh

bench: build ## figures beside their baselines, written to bench/results
	./bench/run.sh

fuzz: ## every fuzz target, FUZZTIME each
	./test/fuzz.sh $(FUZZTIME)

test: check build ## what CI runs: check, a short network test, foreign clients
	CESS_BIN=$(abspath $(BIN)) $(GO) test -tags e2e -short -count=1 -timeout 15m ./test/e2e/...
	CESS_BIN=$(abspath $(BIN)) ./test/compat/run.sh

sim: ## 1,000,000 random calls over all storage and mining pallets
	CESS_SIM_CALLS=1000000 CESS_SIM_EVERY=10 CESS_SIM_REPLAY=200000 $(GO) test ./test/sim -run TestSimulation -count=1 -timeout 0 -v

fmt:
	gofmt -w $$(git ls-files '*.go')
