package validator

import (
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/consensus"
)

func TestOutOfReach(t *testing.T) {
	if err := outOfReach(consensus.SyncState{Current: 7, Highest: 900}); err != nil {
		t.Errorf("a node that may go on: %v", err)
	}
	err := outOfReach(consensus.SyncState{Current: 7, Oldest: 800})
	if err == nil {
		t.Fatal("a node that cannot go on is ready")
	}
	for _, part := range []string{"no peer has block 8", "begin at block 800", "--state-sync", "--trust-height", "--trust-hash", "--peers"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}
