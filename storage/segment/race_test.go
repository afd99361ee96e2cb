//go:build race

package segment

import "flag"

// underRace says that the race detector runs: everything takes ten times as
// long.
const underRace = true

// Fewer random files show races as well.
func init() {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
}
