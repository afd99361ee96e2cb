package bench

import "testing"

// A round of both versions over the chain's own calls: what version 2 sends
// does not grow with the miner.
func TestAuditRounds(t *testing.T) {
	if testing.Short() {
		t.Skip("tags fragments")
	}
	rounds, err := Audit(t.Context(), []int{2, 4}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(rounds) != 3 {
		t.Fatalf("%d rounds", len(rounds))
	}
	small, large, first := rounds[0], rounds[1], rounds[2]
	if small.Version != 2 || large.Version != 2 || first.Version != 1 {
		t.Fatalf("versions %d, %d, %d", small.Version, large.Version, first.Version)
	}
	if small.Proof > 200 || large.Proof != small.Proof || large.Chain != small.Chain || large.ToTEE != small.ToTEE {
		t.Errorf("version 2 sends %+v for 2 and %+v for 4 fragments", small, large)
	}
	if len(small.Steps) != 4 || len(first.Steps) != 3 {
		t.Errorf("%d and %d steps", len(small.Steps), len(first.Steps))
	}
}
