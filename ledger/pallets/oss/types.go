package oss

import (
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/primitives/substrate"
)

// Gateway is the public record of a gateway.
type Gateway struct {
	PeerID types.PeerID `type:"PeerId"`
	Domain Domain       `type:"BoundedVec<u8, ConstU32<50>>"`
}

func (Gateway) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_oss::types::OssInfo"}
}

// ProxyAuthPayload is what an account signs off chain to authorize an
// operator.
type ProxyAuthPayload struct {
	Oss     substrate.AccountID `type:"AccountOf<T>"`
	Expires types.BlockNumber   `scale:"exp" type:"BlockNumberFor<T>"`
}

func (ProxyAuthPayload) ScaleType() scale.TypeInfo {
	return scale.TypeInfo{Path: "pallet_oss::types::ProxyAuthPayload", Params: []scale.Param{{Name: "T"}}}
}

// maxAuthors is the number of operators that may act for one account.
const maxAuthors = 20

// Domain is the public name of a gateway.
type Domain = scale.BoundedVec[byte, DomainBound]

// Bounds, checked while decoding.
type (
	AuthorBound struct{}
	DomainBound struct{}
)

func (AuthorBound) Max() int { return maxAuthors }
func (DomainBound) Max() int { return 50 }
