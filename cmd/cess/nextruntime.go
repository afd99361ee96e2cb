//go:build nextruntime

package main

import (
	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/next"
)

// A program built with this tag knows one more version of the runtime than a
// released one: the upgrade test replaces the one by the other.
func init() { pallets.Releases = append(pallets.Releases, next.Release()) }
