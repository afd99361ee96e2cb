package pallets_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/primitives/metadata"
)

// reference is the metadata of the network that clients were written for. It
// lies beside the repository, not in it.
func reference(t *testing.T) *metadata.Metadata {
	t.Helper()
	blob, err := os.ReadFile(filepath.FromSlash("../../../shared/reference/cess-testnet2-v137.metadata.scale"))
	if err != nil {
		t.Skip("no reference metadata beside the repository")
	}
	m, err := metadata.Decode(blob)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func generated(t *testing.T) *metadata.Metadata {
	t.Helper()
	rt, err := pallets.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := rt.MetadataV15()
	if err != nil {
		t.Fatal(err)
	}
	m, err := metadata.Decode(blob)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// departures are the places where the chain differs on purpose.
var departures = map[string]string{
	"System.constant.Version": "lists only the runtime APIs that the node serves",
	"Podr2":                   "is ours: what the reference has no room for",
	"R2S":                     "is ours: proof of life, the election by R²S, who decided past blocks, and whose votes do not count",
	"Attestation":             "is ours: the reference leaves the verification of quotes to libraries",
	"Upgrade":                 "is ours: upstream's runtimes are code on chain",
}

// TestShapes compares what the pallets declare with the reference: names,
// indices, hashers, modifiers, defaults, type trees and constants. A call that
// is not there yet is no difference; one with another shape is.
func TestShapes(t *testing.T) {
	want, got := reference(t), generated(t)
	gone := maps.Clone(departures)
	for _, p := range pallets.All {
		for _, d := range metadata.Diff(got, want, []string{p.Name}) {
			delete(gone, d.Path)
			if _, ok := departures[d.Path]; !ok && d.Kind != metadata.CallNotLive {
				t.Error(d)
			}
		}
	}
	for path := range gone {
		t.Errorf("%s no longer differs: take it off the list of departures", path)
	}
}

// apiDepartures are the declared runtime APIs' differences from the reference.
var apiDepartures = []string{
	"api.Core.execute_block", "api.Core.initialize_block", // blocks come from consensus, not from clients
	// The reference's extrinsics may also carry Ethereum transactions.
	"api.TaggedTransactionQueue.validate_transaction.tx.path",
	"api.TransactionPaymentApi.query_info.uxt.path",
	"api.TransactionPaymentApi.query_fee_details.uxt.path",
}

// TestRuntimeAPIs compares the runtime APIs that are declared: functions, names
// and types of arguments and results. An API that is not served is not declared.
func TestRuntimeAPIs(t *testing.T) {
	want, got := reference(t), generated(t)
	var found []string
	for _, d := range metadata.Diff(got, want, nil) {
		switch d.Kind {
		case metadata.APIExtra:
			t.Errorf("%s: the reference has no such API", d.Path)
		case metadata.APIDiffers:
			found = append(found, d.Path)
		}
	}
	slices.Sort(found)
	if known := slices.Sorted(slices.Values(apiDepartures)); !slices.Equal(found, known) {
		t.Errorf("runtime APIs differ at %v, want %v", found, known)
	}
}

// TestSumsOverPallets compares the enums over pallets that Diff leaves alone
// because they grow with the chain. These three are complete from the start.
func TestSumsOverPallets(t *testing.T) {
	want, got := reference(t), generated(t)
	for _, m := range []*metadata.Metadata{want, got} {
		disguise(t, m, "OriginCaller", "RuntimeHoldReason", "RuntimeFreezeReason")
	}
	for _, d := range metadata.Diff(got, want, []string{"Utility", "Balances"}) {
		if _, ok := departures[d.Path]; !ok && d.Kind != metadata.CallNotLive {
			t.Error(d)
		}
	}
}

// disguise renames runtime types, so that Diff looks into them.
func disguise(t *testing.T, m *metadata.Metadata, names ...string) {
	t.Helper()
	for _, name := range names {
		i := slices.IndexFunc(m.Types, func(typ metadata.Type) bool {
			return slices.Equal(typ.Path, []string{"cess_node_runtime", name})
		})
		if i < 0 {
			t.Fatalf("no enum %s", name)
		}
		m.Types[i].Path = []string{"cess_node_runtime", name, "disguised"}
	}
}
