//go:build race

package pois

import "flag"

// underRace says that the race detector runs: everything takes ten times as long.
const underRace = true

// Fewer cases show races as well.
func init() {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
}
