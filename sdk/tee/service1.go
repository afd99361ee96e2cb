package tee

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/podr2/filter"
	"github.com/gocess/gocess/storage/podr2/v1"
	"github.com/gocess/gocess/storage/pois/wire"
)

// GenTag has a fragment tagged with version 1, as upstream miners do: it asks
// first and sends the data when the worker is ready.
func (c *Client) GenTag(ctx context.Context, r TagRequest) (tag *v1.Tag, signature []byte, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the stream
	stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, GenTag.Path())
	if err != nil {
		return nil, nil, fmt.Errorf("tee worker, %s: %w", GenTag.Name, err)
	}
	request := GenTagRequest{FragmentName: r.Fragment[:], FileName: r.File[:], Miner: r.Miner[:]}
	reply, err := exchange(stream, &request)
	if err != nil {
		return nil, nil, err
	}
	if !reply.Processing {
		return nil, nil, fmt.Errorf("tee worker, %s: not ready", GenTag.Name)
	}
	request.Data, request.Digests, request.LastSignature = r.Data, digestInfos(r.Digests), r.LastSignature
	if reply, err = exchange(stream, &request); err != nil {
		return nil, nil, err
	}
	if reply.Message == nil || reply.Message.Tag == nil || reply.Message.Tag.T == nil {
		return nil, nil, fmt.Errorf("tee worker, %s: no tag", GenTag.Name)
	}
	m := reply.Message
	tag, err = v1.ParseWire(&v1.Wire{
		T:       v1.WireT{Name: string(m.Tag.T.Name), U: string(m.Tag.T.U), Phi: texts(m.Tag.T.Phi)},
		PhiHash: string(m.Tag.PhiHash), Attest: string(m.Tag.Attest),
	}, m.USig)
	return tag, m.Signature, err
}

func exchange(s grpc.ClientStream, r *GenTagRequest) (*GenTagReply, error) {
	// After a failed send the status comes with the receive.
	if err := s.SendMsg(frame(wire.Marshal(r))); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("tee worker, %s: %w", GenTag.Name, err)
	}
	var f frame
	if err := s.RecvMsg(&f); err != nil {
		return nil, fmt.Errorf("tee worker, %s: %w", GenTag.Name, err)
	}
	return wire.Unmarshal[GenTagReply](f)
}

func texts(b [][]byte) []string {
	out := make([]string, len(b))
	for i := range b {
		out[i] = string(b[i])
	}
	return out
}

func blobs(s []string) [][]byte {
	out := make([][]byte, len(s))
	for i := range s {
		out[i] = []byte(s[i])
	}
	return out
}

// NewTag is a tag as it goes over the wire.
func NewTag(t *v1.Tag) *Tag {
	w := t.Wire()
	return &Tag{
		T:       &TagT{Name: []byte(w.T.Name), U: []byte(w.T.U), Phi: blobs(w.T.Phi)},
		PhiHash: []byte(w.PhiHash), Attest: []byte(w.Attest),
	}
}

// Verdict is a worker's judgement of service proofs of version 1.
type Verdict struct {
	Result    bool
	Sigma     string // of the proof, in decimal
	TEE       types.WorkerPublicKey
	Filter    filter.Filter // of the request and the proof's names
	Signature types.TEESignature
}

// BatchVerify asks for the verdict over the fragments of proof. Several
// batches of one challenge are chained: the first has an empty filter, each
// next one the filter of the verdict before, all at the same worker.
func (c *Client) BatchVerify(ctx context.Context, miner substrate.AccountID, challenge *v1.Challenge, proof *v1.Proof, before filter.Filter) (*Verdict, error) {
	r := &BatchVerifyRequest{Miner: miner[:], Qslice: NewQslice(challenge), Filter: Counters(&before), Proof: &BatchProof{Sigma: []byte(proof.Sigma)}}
	for i := range proof.Items {
		item := &proof.Items[i]
		r.Proof.Names = append(r.Proof.Names, []byte(item.Name))
		r.Proof.Us = append(r.Proof.Us, []byte(item.U))
		r.Proof.Mus = append(r.Proof.Mus, []byte(item.Mu))
		r.USigs = append(r.USigs, item.USig)
	}
	reply, err := BatchVerify.Call(ctx, c, r)
	if err != nil {
		return nil, err
	}
	if len(reply.TEE) != 32 || len(reply.Signature) != 64 || len(reply.Filter) != filter.Counters {
		return nil, fmt.Errorf("tee worker, %s: incomplete verdict", BatchVerify.Name)
	}
	return &Verdict{
		Result: reply.Result, Sigma: proof.Sigma, TEE: types.WorkerPublicKey(reply.TEE),
		Filter: FilterOf(reply.Filter), Signature: types.TEESignature(reply.Signature),
	}, nil
}

// AggregateSignature asks for one verdict over all batches, in order. What goes
// on chain with it is the product of their sigmas.
func (c *Client) AggregateSignature(ctx context.Context, miner substrate.AccountID, challenge *v1.Challenge, batches []*Verdict) (types.TEESignature, error) {
	r := &AggregateRequest{Qslice: NewQslice(challenge)}
	for _, v := range batches {
		r.History = append(r.History, BatchRecord{
			Miner: miner[:], Result: v.Result, Sigma: []byte(v.Sigma), Filter: Counters(&v.Filter), Signature: v.Signature[:],
		})
	}
	reply, err := AggregateSignature.Call(ctx, c, r)
	if err != nil {
		return types.TEESignature{}, err
	}
	if len(reply.Signature) != 64 {
		return types.TEESignature{}, fmt.Errorf("tee worker, %s: signature of %d bytes", AggregateSignature.Name, len(reply.Signature))
	}
	return types.TEESignature(reply.Signature), nil
}

// NewQslice is a challenge as it goes over the wire.
func NewQslice(c *v1.Challenge) *Qslice {
	q := new(Qslice)
	for _, i := range c.Indices {
		q.Indices = append(q.Indices, int64(i))
	}
	for i := range c.Values {
		q.Values = append(q.Values, c.Values[i][:])
	}
	return q
}

// Counters is a filter as it goes over the wire; none for an empty one.
func Counters(f *filter.Filter) []int64 {
	if *f == (filter.Filter{}) {
		return nil
	}
	out := make([]int64, len(f))
	for i, n := range f {
		out[i] = int64(n)
	}
	return out
}

// FilterOf reads a filter. As upstream, a list of another length stands for the
// empty one.
func FilterOf(counters []int64) (f filter.Filter) {
	if len(counters) == len(f) {
		for i, n := range counters {
			f[i] = uint64(n)
		}
	}
	return f
}
