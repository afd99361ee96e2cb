package consensus

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	cmtcrypto "github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/gocess/gocess/primitives/crypto"
)

// signer signs votes and proposals with whichever of the node's grandpa keys is
// in the validator set; sessions may change it. Each key has a file, synced
// before a signature leaves the node, that says what was signed last, so that
// no restart makes the key sign twice for the same step.
type signer struct {
	dir  string
	keys Keys
	log  *slog.Logger

	mu     sync.Mutex // guards everything below
	guards map[address]*privval.FilePV
	signed map[address]*signatures
	active address // whose turn it is; idle's when the node validates nothing
	public cmtcrypto.PubKey
	height int64 // of the last vote
	round  int32
}

var _ types.PrivValidator = (*signer)(nil)

// newSigner makes a signer that keeps its files in dir.
func newSigner(dir string, keys Keys, log *slog.Logger) (*signer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make directory for signatures: %w", err)
	}
	// CometBFT wants a key of every node. This one is in no validator set.
	idle := ed25519.GenPrivKey().PubKey()
	return &signer{
		dir: dir, keys: keys, log: log,
		guards: make(map[address]*privval.FilePV),
		signed: make(map[address]*signatures),
		active: addressFrom(idle.Address()), public: idle,
	}, nil
}

// use makes the signer sign as a member of set from now on. Nodes that hold no
// key of the set keep the one they had.
func (s *signer) use(set authorities) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range set {
		pair, ok := s.keys.Pair(crypto.Ed25519, v.Grandpa[:])
		if !ok {
			continue
		}
		a := addressOf(v.Grandpa)
		if a == s.active {
			return
		}
		guard, err := s.guard(a, pair)
		if err != nil {
			// Signing without knowing what was signed before is how
			// validators get slashed.
			s.log.Error("validator key not used", "key", hex.EncodeToString(v.Grandpa[:]), "err", err)
			continue
		}
		if s.signed[a] == nil {
			s.signed[a] = &signatures{before: guard.LastSignState.Height, recent: make(map[int64][][]byte)}
		}
		s.guards[a] = guard
		s.active, s.public = a, guard.Key.PubKey
		s.log.Info("validating", "key", hex.EncodeToString(v.Grandpa[:]), "stash", v.Account)
		return
	}
}

// guard couples a key with the memory of what it signed last.
func (s *signer) guard(a address, pair crypto.Pair) (*privval.FilePV, error) {
	if g, ok := s.guards[a]; ok {
		return g, nil
	}
	path := filepath.Join(s.dir, hex.EncodeToString(a[:])+".json")
	g := privval.NewFilePV(pairKey{pair}, "", path)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return g, nil
	} else if err != nil {
		return nil, err
	}
	var last privval.FilePVLastSignState
	if err := cmtjson.Unmarshal(b, &last); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	g.LastSignState.Height, g.LastSignState.Round, g.LastSignState.Step = last.Height, last.Round, last.Step
	g.LastSignState.Signature, g.LastSignState.SignBytes = last.Signature, last.SignBytes
	return g, nil
}

// current is the address that the node validates as.
func (s *signer) current() address {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// GetPubKey implements types.PrivValidator. CometBFT asks again after each
// block.
func (s *signer) GetPubKey() (cmtcrypto.PubKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.public, nil
}

// SignVote implements types.PrivValidator.
func (s *signer) SignVote(chainID string, vote *cmtproto.Vote) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := addressFrom(vote.ValidatorAddress)
	g, ok := s.guards[a]
	if !ok {
		return fmt.Errorf("sign vote: no key for validator %x", vote.ValidatorAddress)
	}
	if err := g.SignVote(chainID, vote); err != nil {
		return err
	}
	s.height, s.round = vote.Height, vote.Round
	if vote.Type == cmtproto.PrecommitType {
		s.signed[a].add(vote.Height, vote.Signature)
	}
	return nil
}

// signatures are the precommits that a key made in this process.
type signatures struct {
	// before is the last height that the key may have signed earlier: its file
	// says so, and is written before a signature leaves the node.
	before int64
	recent map[int64][][]byte // by height; of several rounds
}

// keepSignatures bounds the heights whose signatures are kept.
const keepSignatures = 100

func (g *signatures) add(height int64, signature []byte) {
	g.recent[height] = append(g.recent[height], bytes.Clone(signature))
	for h := range g.recent {
		if h+keepSignatures < height {
			delete(g.recent, h)
		}
	}
}

// lastVote is the height and round of the newest vote of this process.
func (s *signer) lastVote() (height uint32, round int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return uint32(s.height), s.round
}

// holds says whether the node has signed with a validator's key, or would.
func (s *signer) holds(a address) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.guards[a] != nil
}

// foreign says that this node did not make a precommit of one of its keys.
func (s *signer) foreign(a address, height uint32, signature []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.signed[a]
	return g != nil && int64(height) > g.before &&
		!slices.ContainsFunc(g.recent[int64(height)], func(b []byte) bool { return bytes.Equal(b, signature) })
}

// SignProposal implements types.PrivValidator.
func (s *signer) SignProposal(chainID string, proposal *cmtproto.Proposal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.guards[s.active]
	if !ok {
		return errors.New("sign proposal: the node validates nothing")
	}
	return g.SignProposal(chainID, proposal)
}

// pairKey is a key of ours as CometBFT's. It does not give the secret away.
type pairKey struct{ pair crypto.Pair }

// Bytes would be the secret.
func (pairKey) Bytes() []byte { return nil }

// Sign implements cmtcrypto.PrivKey.
func (k pairKey) Sign(msg []byte) ([]byte, error) { return k.pair.Sign(msg) }

// PubKey implements cmtcrypto.PrivKey.
func (k pairKey) PubKey() cmtcrypto.PubKey { return ed25519.PubKey(k.pair.Public()) }

// Equals implements cmtcrypto.PrivKey.
func (k pairKey) Equals(other cmtcrypto.PrivKey) bool { return k.PubKey().Equals(other.PubKey()) }

// Type implements cmtcrypto.PrivKey.
func (pairKey) Type() string { return ed25519.KeyType }
