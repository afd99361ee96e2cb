package tee

import (
	"context"
	"crypto/sha256"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/crypto"
	"github.com/gocess/gocess/primitives/substrate"
	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/accumulator"
	"github.com/gocess/gocess/storage/pois/wire"
)

// invalid refuses a request that no honest miner sends.
func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}

// offline reports that the chain cannot be asked; the miner may try again.
func offline(err error) error { return status.Errorf(codes.Unavailable, "ask the chain: %v", err) }

// accountOf reads a miner's id and counts the request.
func (w *Worker) accountOf(ctx context.Context, id []byte) (who substrate.AccountID, err error) {
	if len(id) != len(who) {
		return who, invalid("miner id of %d bytes", len(id))
	}
	who = substrate.AccountID(id)
	return who, w.callers.admit(ctx, who, 1)
}

// minerOf reads a miner's id and its record. absent is the text for an account
// that is no miner.
func (w *Worker) minerOf(ctx context.Context, id []byte, absent string) (substrate.AccountID, sminer.Miner, error) {
	who, err := w.accountOf(ctx, id)
	if err != nil {
		return who, sminer.Miner{}, err
	}
	record, found, err := w.view.Miner(ctx, who)
	switch {
	case err != nil:
		return who, record, offline(err)
	case !found:
		return who, record, status.Error(codes.Internal, absent)
	}
	return who, record, nil
}

// signedBy checks a miner's signature over the bytes of a request: upstream's
// forms, and the one that upstream workers wanted (spec/podr2-tee.md §6.2).
func signedBy(who substrate.AccountID, raw, signature []byte) error {
	if len(signature) == 64 {
		long, digest := crypto.Blake2b256(raw), sha256.Sum256(raw)
		for _, msg := range [][]byte{raw, long[:], digest[:]} {
			if crypto.Verify(crypto.Sr25519, who[:], msg, signature) {
				return nil
			}
		}
	}
	return status.Error(codes.Unauthenticated, "the miner's signature does not verify")
}

// signedByNetwork says whether one of the network's master keys signed a
// digest.
func (w *Worker) signedByNetwork(ctx context.Context, digest [32]byte, signature []byte) (bool, error) {
	if len(signature) != 64 {
		return false, nil
	}
	keys, err := w.view.MasterKeys(ctx)
	if err != nil {
		return false, offline(err)
	}
	for _, key := range keys {
		if crypto.Verify(crypto.Sr25519, key[:], digest[:], signature) {
			return true, nil
		}
	}
	return false, nil
}

// spaceOf reads the state of idle space that a miner carries and checks that
// the network signed it.
func (w *Worker) spaceOf(ctx context.Context, who substrate.AccountID, p *wire.MinerPoisInfo) (accumulator.Key, pois.Status, error) {
	var none pois.Status
	if p == nil {
		return accumulator.Key{}, none, invalid("the state of idle space is missing")
	}
	if len(p.KeyN) != accumulator.GroupSize || len(p.KeyG) != accumulator.GroupSize || len(p.Acc) != accumulator.GroupSize {
		return accumulator.Key{}, none, invalid("key and accumulator have 256 bytes each, not %d, %d and %d", len(p.KeyN), len(p.KeyG), len(p.Acc))
	}
	if p.Front < 0 || p.Rear < p.Front {
		return accumulator.Key{}, none, invalid("front %d, rear %d", p.Front, p.Rear)
	}
	key, err := accumulator.ParseKey(p.KeyN, p.KeyG)
	if err != nil {
		return key, none, invalid("%v", err)
	}
	info, err := wire.SpaceProofInfo(who[:], uint64(p.Front), uint64(p.Rear), p.KeyG, p.KeyN, p.Acc)
	if err != nil {
		return key, none, invalid("%v", err)
	}
	ok, err := w.signedByNetwork(ctx, wire.StatusHash(info, nil), p.StatusTeeSign)
	if err == nil && !ok {
		err = status.Error(codes.Unauthenticated, "the signature of the state of idle space does not verify")
	}
	return key, pois.Status{Acc: p.Acc, Front: p.Front, Rear: p.Rear}, err
}

// signSpace signs a state of idle space: for the miner to carry, and for the
// chain.
func (w *Worker) signSpace(m *master, who substrate.AccountID, front, rear int64, keyG, keyN, acc []byte) (carried, chain [64]byte, err error) {
	info, err := wire.SpaceProofInfo(who[:], uint64(front), uint64(rear), keyG, keyN, acc)
	if err != nil {
		return carried, chain, err
	}
	if carried, err = signDigest(m, wire.StatusHash(info, nil)); err != nil {
		return carried, chain, err
	}
	chain, err = signDigest(m, wire.StatusHash(info, w.identity.public[:]))
	return carried, chain, err
}

func signDigest(m *master, digest [32]byte) ([64]byte, error) { return m.sign.sign(digest[:]) }

// verifierOf is a PoIS verifier with the chain's parameters.
func (w *Worker) verifierOf(ctx context.Context) (*pois.Verifier, error) {
	e, err := w.view.Expender(ctx)
	if err != nil {
		return nil, offline(err)
	}
	w.poisMu.Lock()
	defer w.poisMu.Unlock()
	if w.pois != nil && w.poisFor == e {
		return w.pois, nil
	}
	const most = 1 << 31
	if e.K > most || e.N > most || e.D > most {
		return nil, status.Error(codes.Internal, "the chain's PoIS parameters do not work")
	}
	var options []pois.VerifierOption
	if w.cfg.RequireAllPaths {
		options = append(options, pois.WithAllPaths())
	}
	v, err := pois.NewVerifier(pois.Params{K: int(e.K), N: int(e.N), D: int(e.D)}, options...)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "the chain's PoIS parameters do not work: %v", err)
	}
	w.pois, w.poisFor = v, e
	return v, nil
}

// refused turns the verdict of a verifier into the answer to the miner.
func refused(err error) error {
	if errors.Is(err, pois.ErrRefused) || errors.Is(err, accumulator.ErrProof) || errors.Is(err, accumulator.ErrKey) {
		return invalid("%v", err)
	}
	return err
}

// fragmentOf reads the names in a tag request and asks the chain whether the
// miner may have it.
func (w *Worker) fragmentOf(ctx context.Context, who substrate.AccountID, fileName, fragmentName []byte) (file, fragment types.Hash, err error) {
	if file, err = types.ParseHash(string(fileName)); err != nil {
		return file, fragment, invalid("file name: %v", err)
	}
	if fragment, err = types.ParseHash(string(fragmentName)); err != nil {
		return file, fragment, invalid("fragment name: %v", err)
	}
	listed, err := w.view.Lists(ctx, who, file, fragment)
	switch {
	case err != nil:
		return file, fragment, offline(err)
	case !listed:
		return file, fragment, status.Errorf(codes.PermissionDenied, "the chain does not list fragment %v of file %v for this miner", fragment, file)
	}
	return file, fragment, nil
}

// maxDigests bounds the fragments of one file at one miner.
const maxDigests = 1000

// appendDigest checks the digests of a file tagged so far and signs them with
// this fragment: payload 1 of spec/podr2-tee.md §2.6.
func (w *Worker) appendDigest(ctx context.Context, m *master, who substrate.AccountID, file, fragment types.Hash, infos []api.DigestInfo, last []byte) ([64]byte, error) {
	digests, err := w.digestsOf(ctx, who, file, infos, last)
	if err != nil {
		return [64]byte{}, err
	}
	digests = append(digests, api.Digest{Fragment: fragment, TEE: w.identity.public})
	return signDigest(m, api.TagsHash(who, file, digests))
}

func (w *Worker) digestsOf(ctx context.Context, who substrate.AccountID, file types.Hash, infos []api.DigestInfo, last []byte) ([]api.Digest, error) {
	if len(infos) >= maxDigests {
		return nil, invalid("%d digests", len(infos))
	}
	digests := make([]api.Digest, 0, len(infos)+1)
	for i := range infos {
		fragment, err := types.ParseHash(string(infos[i].FragmentName))
		if err != nil || len(infos[i].TEE) != 32 {
			return nil, invalid("digest %d is malformed", i)
		}
		digests = append(digests, api.Digest{Fragment: fragment, TEE: types.WorkerPublicKey(infos[i].TEE)})
	}
	if len(digests) == 0 {
		return digests, nil
	}
	ok, err := w.signedByNetwork(ctx, api.TagsHash(who, file, digests), last)
	if err == nil && !ok {
		err = status.Error(codes.Unauthenticated, "the last signature does not verify")
	}
	return digests, err
}
