package tee

import (
	"bytes"
	"context"
	"errors"
	"io"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	api "github.com/gocess/gocess/sdk/tee"
	"github.com/gocess/gocess/storage/podr2"
	"github.com/gocess/gocess/storage/podr2/v1"
)

// maxCustomData bounds what a miner may have attested along with a tag.
const maxCustomData = 1 << 10

// genTag makes tags of version 1 (spec/podr2-tee.md §2.7): the miner asks with
// an empty message and sends the data with a second one.
func (w *Worker) genTag(s *api.Stream[api.GenTagRequest, api.GenTagReply]) error {
	ctx := s.Context()
	m, err := w.ready()
	if err != nil {
		return err
	}
	ask, err := s.Recv()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return invalid("the request is missing")
		}
		return err
	}
	if len(ask.Data) > 0 {
		return invalid(api.TextAskFirst)
	}
	who, _, err := w.minerOf(ctx, ask.Miner, api.TextNotRegistered)
	if err != nil {
		return err
	}
	file, fragment, err := w.fragmentOf(ctx, who, ask.FileName, ask.FragmentName)
	if err != nil {
		return err
	}
	// No place is kept while the data come: a silent caller would block it.
	if w.gates.tag.full() {
		return errBusy
	}
	if err := s.Send(&api.GenTagReply{Processing: true, Message: &api.GenTagMsg{Tag: new(api.Tag)}}); err != nil {
		return err
	}
	r, err := s.Recv()
	switch {
	case errors.Is(err, io.EOF):
		return invalid("the data are missing")
	case err != nil:
		return err
	case len(r.Data) == 0:
		return invalid(api.TextAskFirst)
	case !bytes.Equal(r.Miner, who[:]) || string(r.FileName) != file.String() || string(r.FragmentName) != fragment.String():
		return invalid("the two messages are about different fragments")
	case len(r.Data) != podr2.FragmentSize:
		return invalid("fragment of %d bytes", len(r.Data))
	case len(r.CustomData) > maxCustomData:
		return invalid("custom data of %d bytes", len(r.CustomData))
	}
	leave, err := w.gates.tag.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	signature, err := w.appendDigest(ctx, m, who, file, fragment, r.Digests, r.LastSignature)
	if err != nil {
		return err
	}
	tag, err := m.tags.Tag(ctx, fragment.String(), string(r.CustomData), bytes.NewReader(r.Data), int64(len(r.Data)))
	switch {
	case errors.Is(err, v1.ErrName), errors.Is(err, v1.ErrSize):
		return invalid("%v", err)
	case err != nil:
		return err
	}
	w.metrics.tagged.WithLabelValues("1").Inc()
	return s.Send(&api.GenTagReply{Message: &api.GenTagMsg{Tag: api.NewTag(tag), USig: tag.USig[:], Signature: signature[:]}})
}

// echo answers what it gets.
func (w *Worker) echo(_ context.Context, r *api.EchoMessage) (*api.EchoMessage, error) { return r, nil }

// taggerKey is the network's key of version 2. It is public.
func (w *Worker) taggerKey(context.Context, *api.Empty) (*api.TaggerKeyReply, error) {
	t, err := w.version2()
	if err != nil {
		return nil, err
	}
	return &api.TaggerKeyReply{Key: t.key.Public().Bytes(), SRS: t.srs}, nil
}

func (w *Worker) version2() (*taggerV2, error) {
	if t := w.ring.published(); t != nil {
		return t, nil
	}
	return nil, status.Error(codes.Unavailable, "this worker does not have the network's key of version 2 yet")
}

// tagV2 makes the tags of version 2 of a fragment that the chain lists for the
// miner.
func (w *Worker) tagV2(ctx context.Context, r *api.TagV2Request) (*api.TagV2Reply, error) {
	m, err := w.ready()
	if err != nil {
		return nil, err
	}
	t, err := w.version2()
	if err != nil {
		return nil, err
	}
	if len(r.Data) != podr2.FragmentSize {
		return nil, invalid("fragment of %d bytes", len(r.Data))
	}
	who, _, err := w.minerOf(ctx, r.Miner, api.TextNotRegistered)
	if err != nil {
		return nil, err
	}
	file, fragment, err := w.fragmentOf(ctx, who, r.FileName, r.FragmentName)
	if err != nil {
		return nil, err
	}
	leave, err := w.gates.tag.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	signature, err := w.appendDigest(ctx, m, who, file, fragment, r.Digests, r.LastSignature)
	if err != nil {
		return nil, err
	}
	name, err := fragment.Digest()
	if err != nil {
		return nil, invalid("%v", err)
	}
	tags, err := t.tagger.Tag(ctx, name, bytes.NewReader(r.Data))
	switch {
	case errors.Is(err, podr2.ErrName):
		return nil, invalid("%v", err)
	case err != nil:
		return nil, err
	}
	w.metrics.tagged.WithLabelValues("2").Inc()
	return &api.TagV2Reply{Tags: tags.Bytes(), Signature: signature[:], TEE: w.identity.public[:]}, nil
}
