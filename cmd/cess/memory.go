package main

import (
	"os"
	"runtime/debug"
	"time"

	"github.com/gocess/gocess/nodes/validator"
)

// nodeMemory is what a chain node's Go heap should stay below, in bytes. Beside
// it the database has its caches and write buffers, some 150 MiB. Garbage is
// collected more often near it; more than this is used when more is needed.
const nodeMemory = 320 << 20

// Growth of the heap, in percent, before garbage is collected. A node that
// fetches old blocks makes most garbage and lives shortest: collecting less often
// makes it a tenth faster, and nodeMemory bounds it all the same.
const (
	usualGrowth    = 100
	fetchingGrowth = 250
)

// limitMemory keeps a chain node small, unless GOMEMLIMIT says how small.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(nodeMemory)
	}
}

// collectLess collects less garbage until the node has caught up, unless GOGC
// says how much.
func collectLess(n *validator.Node) {
	if os.Getenv("GOGC") != "" || n.CaughtUp() {
		return
	}
	debug.SetGCPercent(fetchingGrowth)
	go func() {
		for !n.CaughtUp() { // a closed node has
			time.Sleep(time.Second)
		}
		debug.SetGCPercent(usualGrowth)
	}()
}
