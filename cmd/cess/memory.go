package main

import (
	"os"
	"runtime/debug"
)

// nodeMemory is what a chain node's Go heap should stay below, in bytes. Beside
// it the database has its caches and write buffers, some 150 MiB. Garbage is
// collected more often near it; more than this is used when more is needed.
const nodeMemory = 320 << 20

// limitMemory keeps a chain node small, unless GOMEMLIMIT says how small.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(nodeMemory)
	}
}
