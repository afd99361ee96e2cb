package pallets_test

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/gocess/gocess/ledger/pallets"
	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// memory is committed state in a map, of which a benchmark lists nothing.
type memory map[string][]byte

func (m memory) Get(key []byte) ([]byte, error) { return m[string(key)], nil }

func (memory) Scan(_, _ []byte, _ func(key, value []byte) bool) error { return nil }

// BenchmarkTransfer is the execution of one signed transfer between accounts
// that exist, without signatures, state root and disk.
func BenchmarkTransfer(b *testing.B) {
	rt, err := pallets.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	const accounts = 1000
	at := func(i int) (id substrate.AccountID) {
		binary.LittleEndian.PutUint64(id[:], uint64(i)+1)
		return id
	}
	endowed := balances.Genesis{Balances: map[types.Address]types.Balance{types.Address(pallets.Treasury): types.Tokens(1)}}
	for i := range accounts {
		endowed.Balances[types.Address(at(i))] = types.Tokens(1_000_000)
	}
	config, err := json.Marshal(endowed)
	if err != nil {
		b.Fatal(err)
	}
	changes, err := rt.Genesis(map[string]json.RawMessage{"Balances": config, "Session": sessionConfig(b, at(0))})
	if err != nil {
		b.Fatal(err)
	}
	state := make(memory)
	for _, c := range changes {
		state[string(c.Key)] = c.Value
	}
	const perBlock = 1000
	b.ReportAllocs()
	for done := 0; done < b.N; done += perBlock {
		x, err := rt.NewBlock(runtime.Parent{State: state}, runtime.BlockInfo{TimeMs: 1, HasAuthor: true})
		if err != nil {
			b.Fatal(err)
		}
		for i := range min(perBlock, b.N-done) {
			call := runtime.RuntimeCall{Call: balances.TransferKeepAlive{
				Dest: substrate.AddressOf(at((i + 1) % accounts)), Value: scale.U128From64(1),
			}}
			c := &runtime.Checked{Raw: make([]byte, 150), Signer: at(i % accounts), Call: call, Info: call.Info()}
			if err := x.Apply(c); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := x.Finish(); err != nil {
			b.Fatal(err)
		}
	}
}

func sessionConfig(b *testing.B, stash substrate.AccountID) json.RawMessage {
	raw, err := json.Marshal(map[string]any{"validators": []any{map[string]any{
		"stash": types.Address(stash), "keys": types.SessionKeys{},
	}}})
	if err != nil {
		b.Fatal(err)
	}
	return raw
}
