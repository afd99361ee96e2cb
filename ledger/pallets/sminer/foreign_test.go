package sminer_test

import (
	"bytes"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/cesstreasury"
	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/scheduler"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
)

// Stand-ins for staking and TEE workers.
type (
	fakeEras    struct{}
	fakeWorkers struct{}
)

var eraItem = runtime.NewValue[uint32]("SminerTest", "Era")

func (fakeEras) CurrentEra(ctx *runtime.Context) uint32 { return eraItem.Get(ctx) }
func setEra(ctx *runtime.Context, n uint32)             { eraItem.Put(ctx, n) }

var tee = types.WorkerPublicKey{7}

func masterSignature(digest [32]byte) types.SignatureBytes { return append(digest[:], digest[:]...) }

func (fakeWorkers) VerifyMaster(_ *runtime.Context, sig types.TEESignature, digest [32]byte) bool {
	return bytes.Equal(sig[:], masterSignature(digest))
}
func (fakeWorkers) Worked(*runtime.Context, types.WorkerPublicKey) {}

func TestMain(m *testing.M) {
	cesstreasury.Wire(balances.API{}, fakeEras{})
	sminer.Wire(sminer.Uses{
		Currency: balances.API{}, Totals: storagehandler.API{}, Deals: filebank.API{},
		Treasury: cesstreasury.API{}, Agenda: scheduler.API{}, Eras: fakeEras{}, Workers: fakeWorkers{},
	})
	m.Run()
}
