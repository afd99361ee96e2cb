package consensus

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/tmhash"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"github.com/gocess/gocess/primitives/crypto"
)

func testSigner(t *testing.T, dir string, keys Keys) *signer {
	t.Helper()
	s, err := newSigner(dir, keys, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func authority(p crypto.Pair) Authority { return Authority{Grandpa: [32]byte(p.Public())} }

func prevote(s *signer, height int64, block byte) *cmtproto.Vote {
	a := s.current()
	return &cmtproto.Vote{
		Type: cmtproto.PrevoteType, Height: height, Timestamp: time.Unix(100, 0), ValidatorAddress: a[:],
		BlockID: cmtproto.BlockID{
			Hash:          tmhash.Sum([]byte{block}),
			PartSetHeader: cmtproto.PartSetHeader{Total: 1, Hash: tmhash.Sum([]byte{block})},
		},
	}
}

// A key signs one vote per step, also across restarts of the node.
func TestSignerNeverSignsTwice(t *testing.T) {
	dir, key := t.TempDir(), pair(t, crypto.Ed25519, "//A")
	s := testSigner(t, dir, KeyRing{key})
	s.use(authorities{authority(key)})
	if err := s.SignVote("test", prevote(s, 5, 1)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.SignVote("test", prevote(s, 5, 2)); err == nil {
			t.Fatal("signed another vote for the same step")
		}
		if err := s.SignVote("test", prevote(s, 4, 1)); err == nil {
			t.Fatal("signed for an earlier height")
		}
		if err := s.SignVote("test", prevote(s, 5, 1)); err != nil {
			t.Fatalf("the same vote again: %v", err)
		}
		s = testSigner(t, dir, KeyRing{key})
		s.use(authorities{authority(key)})
	}
}

// The signer follows the validator set from key to key; each has its own
// memory.
func TestSignerFollowsTheSet(t *testing.T) {
	a, b, other := pair(t, crypto.Ed25519, "//A"), pair(t, crypto.Ed25519, "//B"), pair(t, crypto.Ed25519, "//C")
	s := testSigner(t, t.TempDir(), KeyRing{a, b})
	if err := s.SignVote("test", prevote(s, 1, 1)); err == nil {
		t.Fatal("signed without being a validator")
	}
	for height, c := range []struct {
		set  authorities
		want crypto.Pair
	}{
		{authorities{authority(other), authority(a)}, a},
		{authorities{authority(other), authority(b)}, b},
		{authorities{authority(other)}, b}, // keeps the last one
		{authorities{authority(a)}, a},
	} {
		s.use(c.set)
		public, err := s.GetPubKey()
		if err != nil || string(public.Bytes()) != string(c.want.Public()) {
			t.Fatalf("step %d: key %x, want %x", height, public.Bytes(), c.want.Public())
		}
		vote := prevote(s, int64(height+1), 1)
		if err := s.SignVote("test", vote); err != nil || len(vote.Signature) != 64 {
			t.Fatalf("step %d: %v", height, err)
		}
		if err := s.SignProposal("test", &cmtproto.Proposal{Height: int64(height + 2)}); err != nil {
			t.Fatalf("step %d: %v", height, err)
		}
	}
}

// A key whose memory is damaged is not used.
func TestSignerRefusesToForget(t *testing.T) {
	dir, key := t.TempDir(), pair(t, crypto.Ed25519, "//A")
	s := testSigner(t, dir, KeyRing{key})
	s.use(authorities{authority(key)})
	if err := s.SignVote("test", prevote(s, 5, 1)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = testSigner(t, dir, KeyRing{key})
	idle := s.current()
	if s.use(authorities{authority(key)}); s.current() != idle {
		t.Error("used a key without knowing what it signed")
	}
}

func TestPairKeyHidesItsSecret(t *testing.T) {
	k := pairKey{pair(t, crypto.Ed25519, "//A")}
	if k.Bytes() != nil {
		t.Error("the secret can be read")
	}
	sig, err := k.Sign([]byte("x"))
	if err != nil || !k.PubKey().VerifySignature([]byte("x"), sig) || !k.Equals(k) {
		t.Errorf("signature does not verify: %v", err)
	}
}

func precommit(s *signer, height int64, block byte) *cmtproto.Vote {
	v := prevote(s, height, block)
	v.Type = cmtproto.PrecommitType
	return v
}

// A vote of the node's key that this process did not make is somebody else's,
// unless it may be from before the process began.
func TestSignerKnowsItsVotes(t *testing.T) {
	dir, key := t.TempDir(), pair(t, crypto.Ed25519, "//A")
	a := addressOf([32]byte(key.Public()))
	s := testSigner(t, dir, KeyRing{key})
	s.use(authorities{authority(key)})
	own := precommit(s, 5, 1)
	if err := s.SignVote("test", own); err != nil {
		t.Fatal(err)
	}
	if s.foreign(a, 5, own.Signature) || !s.foreign(a, 5, []byte("else")) || !s.foreign(a, 6, own.Signature) {
		t.Error("own and foreign votes are not told apart")
	}
	s = testSigner(t, dir, KeyRing{key})
	s.use(authorities{authority(key)})
	if s.foreign(a, 5, own.Signature) {
		t.Error("the vote before the restart is somebody else's")
	}
	if !s.foreign(a, 6, []byte("else")) {
		t.Error("a vote after the restart is taken for an older one")
	}
	if s.foreign(address{1}, 6, nil) {
		t.Error("a vote of another validator's key")
	}
}

// Keys come and go in the keystore while the signer runs, and each keeps its
// memory: not even a session, a restart or the key's return makes it forget.
func TestSignerWithRotatingKeystore(t *testing.T) {
	dir := t.TempDir()
	store, err := crypto.OpenSessionKeystore(filepath.Join(dir, "keystore"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := pair(t, crypto.Ed25519, "//A"), pair(t, crypto.Ed25519, "//B")
	set := func(keys ...crypto.Pair) (out authorities) {
		for _, k := range keys {
			out = append(out, authority(k))
		}
		return out
	}
	s := testSigner(t, dir, store)
	if s.use(set(a)); s.holds(addressOf([32]byte(a.Public()))) {
		t.Fatal("a key that the node does not have")
	}
	if _, err := store.Put(crypto.Grandpa, "//A", nil); err != nil {
		t.Fatal(err)
	}
	s.use(set(a)) // at the next block
	if err := s.SignVote("test", precommit(s, 10, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(crypto.Grandpa, "//B", nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.use(set(b))
		if err := s.SignVote("test", precommit(s, 20, 1)); err != nil {
			t.Fatal(err)
		}
		if err := s.SignVote("test", precommit(s, 20, 2)); err == nil {
			t.Fatal("the second key signed twice")
		}
		s = testSigner(t, dir, store)
	}
	s.use(set(a))
	if err := s.SignVote("test", precommit(s, 10, 2)); err == nil {
		t.Fatal("the first key forgot what it signed before the rotation")
	}
	if err := s.SignVote("test", precommit(s, 21, 1)); err != nil {
		t.Fatal(err)
	}
}
