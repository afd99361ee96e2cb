//go:build race

package sminer_test

import "flag"

// Under the race detector, where everything takes ten times as long, fewer
// random runs.
func init() {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
}
