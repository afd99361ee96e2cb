//go:build race

package devnet_test

// underRace says that the race detector runs: proofs take ten times as long.
const underRace = true
