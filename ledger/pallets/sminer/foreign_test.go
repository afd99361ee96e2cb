package sminer_test

import (
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/pallets/scheduler"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
)

// fakeEras stands in for staking.
type fakeEras struct{}

var eraItem = runtime.NewValue[uint32]("SminerTest", "Era")

func (fakeEras) CurrentEra(ctx *runtime.Context) uint32 { return eraItem.Get(ctx) }
func setEra(ctx *runtime.Context, n uint32)             { eraItem.Put(ctx, n) }

// tee is a worker's key, and master the key of all of them.
var (
	tee    = types.WorkerPublicKey{7}
	master = func() crypto.Pair {
		p, err := crypto.FromURI(crypto.Sr25519, "//Master")
		if err != nil {
			panic(err)
		}
		return p
	}()
)

func launchMaster(ctx *runtime.Context) error {
	key := teeworker.MasterKeyInfo{PublicKey: teeworker.MasterPublicKey(master.Public()), Holder: tee}
	teeworker.MasterKeyStatus.Put(ctx, teeworker.Launched{Key: key})
	return nil
}

func masterSignature(digest [32]byte) types.SignatureBytes {
	sig, err := master.Sign(digest[:])
	if err != nil {
		panic(err)
	}
	return sig
}

func TestMain(m *testing.M) {
	cesstreasury.Wire(balances.API{}, fakeEras{})
	sminer.Wire(sminer.Uses{
		Currency: balances.API{}, Totals: storagehandler.API{}, Deals: filebank.API{},
		Treasury: cesstreasury.API{}, Agenda: scheduler.API{}, Fragments: podr2.API{},
		Eras: fakeEras{}, Workers: teeworker.API{},
	})
	m.Run()
}
