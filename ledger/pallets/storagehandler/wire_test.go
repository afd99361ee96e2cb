package storagehandler_test

import (
	"bytes"
	"testing"

	sh "github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/primitives/scale"
)

// The calls of a sale, put together by hand.
func TestPurchaseOnTheWire(t *testing.T) {
	token := sh.TokenID{9, 8, 7}
	named := append(append([]byte{}, token[:]...), 4<<2, 'm', 'i', 'n', 'e')
	for _, c := range []struct {
		call runtime.Call
		want []byte
	}{
		{sh.BuyConsignment{Token: token, Rename: name("mine")}, append([]byte{107, 103}, named...)},
		{sh.ExecConsignment{Token: token, TerritoryName: name("mine")}, append([]byte{107, 104}, named...)},
		{sh.CancelPurchaseAction{Token: token}, append([]byte{107, 106}, token[:]...)},
	} {
		if got := scale.MustMarshal(runtime.RuntimeCall{Call: c.call}); !bytes.Equal(got, c.want) {
			t.Errorf("%T encodes to %x, want %x", c.call, got, c.want)
		}
	}
}
