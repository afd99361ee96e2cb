// Package podr2 proves that a miner still holds the service data it was given: version 2 of PoDR², the proof of data
// reduplication and recovery.
//
// A tagger (a TEE worker, or a data owner for its own data) reads each 8 MiB fragment once and writes one 48-byte
// authenticator per 8 KiB block. From then on a 32-byte seed drawn from the chain asks for some hundred blocks spread
// over all fragments of a miner; the miner answers with 129 bytes whatever it stores, and everybody who has the
// tagger's 193-byte public key checks the answer without secrets and without the data. The construction is the public
// scheme of Shacham and Waters (Asiacrypt 2008) over BLS12-381, compressed to constant size with a polynomial
// commitment (Kate, Zaverucha, Goldberg 2010) in the way of Yuan and Yu (2013). docs/protocol/podr2.md states it with
// its security argument, parameters and trust assumptions.
//
// The life of a fragment:
//
//	tags, err := tagger.Tag(ctx, name, fragment)           // tagger: once
//	err = srs.CheckTags(ctx, tags, fragment)               // miner: once, before it relies on the tags
//	query, err := challenge.Query(count, nameOf)           // miner and verifier: the same question, from the seed
//	prover.Add(ctx, i, fragment, tagFile) …; prover.Finish // miner: reads only the sampled blocks
//	err = key.Verify(ctx, query, proof)                    // anybody
//
// The package is pure: it reads from the readers it is given and uses no clock, network or randomness. Everything is
// deterministic, verification included, so that a ledger may call it. Parsers accept exactly one encoding of each
// value. Package podr2/v1 holds the RSA scheme of upstream miners, package podr2/filter the counters of version 1.
package podr2

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// Geometry of a fragment. It is fixed: a tag key must never sign blocks of two geometries (docs/protocol/podr2.md, §3).
const (
	// Version is the first byte of every encoding of this package.
	Version = 2
	// FragmentSize is the length of every fragment in bytes, the chain constant FRAGMENT_SIZE.
	FragmentSize = 8 << 20
	// BlockSize is the length in bytes of the unit that is tagged and sampled.
	BlockSize = 8 << 10
	// BlocksPerFragment is the number of blocks and of tags of a fragment, the chain constant CHUNK_COUNT.
	BlocksPerFragment = FragmentSize / BlockSize
	// SectorSize is the number of bytes in one scalar: the most that always stay below the group order.
	SectorSize = 31
	// SectorsPerBlock is the number of scalars of a block; the last one holds the 8 bytes that are left.
	SectorsPerBlock = (BlockSize + SectorSize - 1) / SectorSize
)

var (
	// ErrEncoding reports bytes that are not the one valid encoding of a value of this version: wrong length, version
	// or magic, an integer that is not reduced, a point off the curve or outside the prime-order group.
	ErrEncoding = errors.New("podr2: invalid encoding")
	// ErrSize reports a fragment that is not exactly FragmentSize bytes long.
	ErrSize = errors.New("podr2: fragment has the wrong size")
	// ErrName reports a fragment whose SHA-256 is not the name it goes by.
	ErrName = errors.New("podr2: fragment does not match its name")
	// ErrKey reports a seed, key or SRS that does not fit: a degenerate key, or powers that are not those of the key.
	ErrKey = errors.New("podr2: unsuitable key")
	// ErrTags reports tags of another fragment or key, or tags that do not authenticate the fragment's blocks.
	ErrTags = errors.New("podr2: tags do not fit the fragment")
	// ErrQuery reports a challenge or query without blocks, with too many, or with a block index out of range.
	ErrQuery = errors.New("podr2: invalid query")
	// ErrIncomplete reports a proof finished before every fragment of its query was added, or one added twice.
	ErrIncomplete = errors.New("podr2: fragments missing or added twice")
	// ErrFault reports that the machine computed a point that is not on the curve. It is withheld because it could
	// reveal the secret key.
	ErrFault = errors.New("podr2: computation fault")
	// ErrProof reports a well-formed proof that does not answer the query.
	ErrProof = errors.New("podr2: proof does not verify")
)

// Name identifies a fragment: the SHA-256 of its bytes.
type Name [32]byte

// ParseName reads the 64 lower-case hexadecimal characters by which a fragment goes on chain.
func ParseName(s string) (name Name, err error) {
	if len(s) != 2*len(name) {
		return name, fmt.Errorf("%w: fragment name of %d characters, want 64", ErrEncoding, len(s))
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return name, fmt.Errorf("%w: fragment name with character %q", ErrEncoding, c)
		}
	}
	_, err = hex.Decode(name[:], []byte(s))
	return name, err
}

// String returns the name as it stands on chain.
func (n Name) String() string { return hex.EncodeToString(n[:]) }
