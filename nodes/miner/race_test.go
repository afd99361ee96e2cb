//go:build race

package miner

// underRace says that the race detector runs: proofs take ten times as long.
const underRace = true
