package system_test

import (
	"bytes"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/primitives/scale"
)

// The state tells which runtime runs under the key that clients watch.
func TestCodeIdentifiesTheRuntime(t *testing.T) {
	c := palletstest.New(t, palletstest.Genesis{})
	if got := c.Ctx().Get(system.CodeKey); !bytes.Equal(got, scale.MustMarshal(c.Runtime().Version())) {
		t.Errorf("code %x", got)
	}
}
