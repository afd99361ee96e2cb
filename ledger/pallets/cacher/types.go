package cacher

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Info is the public record of a cacher.
type Info struct {
	// Payee receives what the cacher earns.
	Payee substrate.AccountID `type:"AccountId"`
	IP    IPAddress           `type:"IpAddress"`
	// BytePrice is the price of one delivered byte, in planck.
	BytePrice types.Balance `type:"Balance"`
}

// ScaleType is upstream's `CacherInfo`.
func (Info) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cacher::types::CacherInfo", Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "Balance", Type: scale.TypeOf[types.Balance]()},
	}}
}

// IPAddress is where a cacher is reached.
type IPAddress interface{ ipAddress() }

// The variants of IPAddress.
type (
	IPv4 struct {
		Address [4]byte `scale:"_" type:"[u8; 4]"`
		Port    uint16  `scale:"_" type:"u16"`
	}
	// IPv6 holds the eight groups of an address.
	IPv6 struct {
		Address [8]uint16 `scale:"_" type:"[u16; 8]"`
		Port    uint16    `scale:"_" type:"u16"`
	}
)

func (IPv4) ipAddress() {}
func (IPv6) ipAddress() {}

var _ = scale.RegisterEnum[IPAddress](
	scale.TypeInfo{Path: "cp_cess_common::IpAddress"},
	scale.V[IPAddress, IPv4](0, "IPV4"),
	scale.V[IPAddress, IPv6](1, "IPV6"),
)

// Bill is what somebody owes for downloads. All but To and Amount is for the
// books of the parties: the chain checks none of it.
type Bill struct {
	ID        [16]byte            `type:"[u8; 16]"`
	To        substrate.AccountID `type:"AccountId"`
	Amount    types.Balance       `type:"Balance"`
	FileHash  substrate.H256      `type:"Hash"`
	SliceHash substrate.H256      `type:"Hash"`
	// ExpirationTime is in the unit that the parties agree on.
	ExpirationTime uint64 `type:"u64"`
}

// ScaleType is upstream's `Bill`.
func (Bill) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_cacher::types::Bill", Params: []scale.Param{
		{Name: "AccountId", Type: scale.TypeOf[substrate.AccountID]()},
		{Name: "Balance", Type: scale.TypeOf[types.Balance]()},
		{Name: "Hash", Type: scale.TypeOf[substrate.H256]()},
	}}
}

// Bills are those of one call.
type Bills = scale.BoundedVec[Bill, BillBound]

// maxBills is how many bills one call pays.
const maxBills = 10

// BillBound is maxBills, checked while decoding.
type BillBound struct{}

func (BillBound) Max() int { return maxBills }
