//go:build race

package crypto

import "flag"

// The race detector makes every case ten times slower and needs few of them.
func init() {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
}
