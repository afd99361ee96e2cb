package types

import "github.com/gocess/gocess/primitives/scale"

// Byte strings. A bound is checked while decoding: an over-long argument makes
// an extrinsic undecodable (spec/pallets-storage.md §0.2).
type (
	// TerritoryName is what an account calls a territory; arbitrary bytes.
	TerritoryName = scale.BoundedVec[byte, TerritoryNameBound]
	// Endpoint is where a miner or TEE worker is reached: host:port or a URL.
	Endpoint = scale.BoundedVec[byte, EndpointBound]
	// SignatureBytes is a signature in a call. Those shorter than 64 bytes
	// decode, and the call answers MalformedSignature.
	SignatureBytes = scale.BoundedVec[byte, SignatureBound]

	// PeerID names a libp2p peer; many clients send zeros.
	PeerID = [38]byte
	// TEESignature is an sr25519 signature of a TEE worker's master key.
	TEESignature = [64]byte
	// WorkerPublicKey is the sr25519 key that identifies a TEE worker.
	WorkerPublicKey = [32]byte
)

// MaxTerritoryName is the length of a territory name, in bytes.
const MaxTerritoryName = 63

// Bounds of the byte strings.
type (
	TerritoryNameBound struct{}
	EndpointBound      struct{}
	SignatureBound     struct{}
)

func (TerritoryNameBound) Max() int { return MaxTerritoryName }
func (EndpointBound) Max() int      { return 100 }
func (SignatureBound) Max() int     { return 64 }
