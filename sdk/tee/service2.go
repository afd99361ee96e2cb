package tee

import (
	"context"
	"fmt"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
)

// TagRequest is a fragment that a miner wants tagged.
type TagRequest struct {
	Miner    substrate.AccountID
	File     types.Hash // the file that lists the fragment for the miner
	Fragment types.Hash
	Data     []byte
	// Digests are the miner's fragments of the file tagged before, in order, and
	// LastSignature what the last worker signed over them; both empty at first.
	Digests       []Digest
	LastSignature []byte
}

// TaggerKey is the network's key of PoDR² version 2, as podr2.ParsePublicKey
// and podr2.ParseSRS read it. Compare the first with Podr2.TaggerKey on chain.
func (c *Client) TaggerKey(ctx context.Context) (public, srs []byte, err error) {
	reply, err := TaggerKey.Call(ctx, c, &Empty{})
	if err != nil {
		return nil, nil, err
	}
	return reply.Key, reply.SRS, nil
}

// TagV2 has a fragment tagged. tags is a tag file (podr2.ParseTags); signature
// covers r.Digests and this fragment with the worker's own key, and goes on
// chain with the last one of the file (FileBank.calculate_report).
func (c *Client) TagV2(ctx context.Context, r TagRequest) (tags, signature []byte, err error) {
	reply, err := TagV2.Call(ctx, c, &TagV2Request{
		Data: r.Data, FragmentName: r.Fragment[:], FileName: r.File[:], Miner: r.Miner[:],
		Digests: digestInfos(r.Digests), LastSignature: r.LastSignature,
	})
	if err != nil {
		return nil, nil, err
	}
	if len(reply.Signature) != len(types.TEESignature{}) {
		return nil, nil, fmt.Errorf("tee worker, %s: signature of %d bytes", TagV2.Name, len(reply.Signature))
	}
	return reply.Tags, reply.Signature, nil
}

func digestInfos(digests []Digest) []DigestInfo {
	out := make([]DigestInfo, len(digests))
	for i := range digests {
		out[i] = DigestInfo{FragmentName: digests[i].Fragment[:], TEE: digests[i].TEE[:]}
	}
	return out
}

// VerifyV2 asks for the verdict over a service proof of version 2, empty if the
// miner has no fragments. sig is for Audit.submit_verify_service_result, with
// the worker's identity key and the filter that the chain froze.
func (c *Client) VerifyV2(ctx context.Context, miner substrate.AccountID, proof []byte) (result bool, sig types.TEESignature, err error) {
	reply, err := VerifyV2.Call(ctx, c, &VerifyV2Request{Miner: miner[:], Proof: proof})
	if err != nil {
		return false, sig, err
	}
	if len(reply.Signature) != len(sig) {
		return false, sig, fmt.Errorf("tee worker, %s: signature of %d bytes", VerifyV2.Name, len(reply.Signature))
	}
	return reply.Result, types.TEESignature(reply.Signature), nil
}
