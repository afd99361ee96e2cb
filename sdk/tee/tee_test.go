package tee

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/storage/podr2/filter"
	"github.com/gocess/gocess/storage/podr2/v1"
	"github.com/gocess/gocess/storage/pois/wire"
)

func TestTarget(t *testing.T) {
	for endpoint, want := range map[string]string{
		"http://127.0.0.1:19999": "127.0.0.1:19999", "http://tee.example/": "tee.example:80", "tee.example": "tee.example:80",
		"tee.example:8080": "tee.example:8080", "https://tee.example": "tee.example:443 tls", "https://tee.example:8443/": "tee.example:8443 tls",
		"tee.example:443": "tee.example:443 tls", "http://10.44.3.1:14430": "10.44.3.1:14430", "[::1]:19999": "[::1]:19999", "http://[::1]": "[::1]:80",
		" HTTPS://tee.example ": "tee.example:443 tls",
	} {
		address, secure, err := Target(endpoint)
		got := address
		if secure {
			got += " tls"
		}
		if err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", endpoint, got, err, want)
		}
	}
	for _, endpoint := range []string{"", "http://", "ftp://tee.example", "http://a/path", "http://user@a", "http://a?b", "http://a b", ":80", "http://a#b"} {
		if address, _, err := Target(endpoint); !errors.Is(err, ErrEndpoint) {
			t.Errorf("%q: %q, %v", endpoint, address, err)
		}
	}
}

// The challenge and name of the protocol's test vectors (spec/podr2-tee.md §7).
const vectorName = "89eb56e61a9c62863d78c03161b757286e2d334f7102de462209bb7895963678"

func vectorChallenge() *v1.Challenge {
	c := new(v1.Challenge)
	for k := range 47 {
		h := sha256.Sum256(fmt.Appendf(nil, "podr2-vector-v%d", k))
		c.Indices, c.Values = append(c.Indices, uint32((37*k+5)%1024)), append(c.Values, [20]byte(h[:20]))
	}
	return c
}

func TestVectorsOfPayloads(t *testing.T) {
	miner, worker := substrate.AccountID(bytes.Repeat([]byte{1}, 32)), types.WorkerPublicKey(bytes.Repeat([]byte{2}, 32))
	name, err := types.ParseHash(vectorName)
	if err != nil {
		t.Fatal(err)
	}
	file, err := types.ParseHash(strings.Repeat("ab", 32))
	if err != nil {
		t.Fatal(err)
	}
	empty := VerdictHash(miner, worker, nil, true, vectorChallenge().Bytes(), new(filter.Filter))
	tags := TagsHash(miner, file, []Digest{{name, worker}})
	for what, got := range map[string][2]string{
		"empty verdict": {hex.EncodeToString(empty[:]), "cbd4eaa276bce88187c40899ac19147aa20b91177054e6ebf3e6957259edab0d"},
		"TagSigInfo":    {hex.EncodeToString(tags[:]), "13a3f4be46e96b686b630fa55f127c4bb3ed3c70478d1363871271506e59002a"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %s, want %s", what, got[0], got[1])
		}
	}
	many := func(b byte) []byte { return bytes.Repeat([]byte{b}, 256) }
	info, err := wire.SpaceProofInfo(miner[:], 3, 256, many(10), many(11), many(12))
	if err != nil {
		t.Fatal(err)
	}
	total, err := wire.TotalHash(miner[:], bytes.Repeat([]byte{13}, 32), 3, 256, many(12), []int64{1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007}, true, worker[:])
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]struct {
		hash [32]byte
		want string
	}{
		"PoisInfo":       {wire.StatusHash(info, nil), "7055a1168a2331d1c07f3c1e653915a7473824ec0acc707148846daabdad55db"},
		"PoisInfo ‖ tee": {wire.StatusHash(info, worker[:]), "6cf17435d914cdbef6ad60fed0244becf17d5de2f6dfb08a7aed7e62481ecead"},
		"idle verdict":   {total, "b3dc0fa6973fe9ed9d04c7d223c2e481e13d0e0bda887465a0b247b8fd6e7b85"},
	} {
		if hex.EncodeToString(got.hash[:]) != got.want {
			t.Errorf("%s: %x, want %s", what, got.hash, got.want)
		}
	}
	block := wire.Marshal(&wire.ProofHashAndLeftRight{SpaceProofHash: bytes.Repeat([]byte{13}, 32), Left: 4, Right: 9, TeeID: worker[:]})
	if sum := sha256.Sum256(block); len(block) != 72 || hex.EncodeToString(sum[:]) != "34928e7b0a82b0bf5aa6e45371ab5023a878f65a8fc5e7a3b49e5572b7bd45f1" {
		t.Errorf("ProofHashAndLeftRight: %x", sum)
	}
}

// A worker that answers as a test wants.
func serve(t *testing.T, services ...*grpc.ServiceDesc) *Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(Codec()), grpc.MaxRecvMsgSize(MaxMessage))
	for _, d := range services {
		s.RegisterService(d, nil)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	c, err := Dial(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		s.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestClientRefusesOddAnswers(t *testing.T) {
	who := substrate.AccountID{1}
	var answer frame
	c := serve(t,
		Service(ServicePubkeys, Unary(IdentityPubkey, func(context.Context, *KeyRequest) (*KeyReply, error) { return &KeyReply{Key: []byte{1}}, nil }),
			Unary(Podr2Pubkey, func(context.Context, *KeyRequest) (*KeyReply, error) { return &KeyReply{Key: []byte{1}}, nil })),
		Service(ServicePodr2Verifier, Unary(BatchVerify, func(context.Context, *BatchVerifyRequest) (*BatchVerifyReply, error) {
			return new(BatchVerifyReply), nil
		}),
			Unary(AggregateSignature, func(context.Context, *AggregateRequest) (*AggregateReply, error) { return new(AggregateReply), nil })),
		Service(ServiceVerifierV2, Unary(VerifyV2, func(context.Context, *VerifyV2Request) (*VerifyV2Reply, error) { return new(VerifyV2Reply), nil })),
		Service(ServicePodr2, Duplex(GenTag, func(s *Stream[GenTagRequest, GenTagReply]) error {
			for range 2 {
				if _, err := s.Recv(); err != nil {
					return err
				}
				if err := s.Send(&GenTagReply{Processing: true}); err != nil {
					return err
				}
			}
			return nil
		})),
		Service(ServiceTaggerV2, grpc.StreamDesc{StreamName: TaggerKey.Name, ServerStreams: true, ClientStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
			return s.SendMsg(answer)
		}}),
	)
	ctx := t.Context()
	if _, err := c.Identity(ctx, who); err == nil {
		t.Error("a key of one byte")
	}
	if _, err := c.Podr2Key(ctx, who); err == nil {
		t.Error("an RSA key of one byte")
	}
	if _, err := c.BatchVerify(ctx, who, new(v1.Challenge), new(v1.Proof), filter.Filter{}); err == nil {
		t.Error("an empty verdict")
	}
	if _, err := c.AggregateSignature(ctx, who, new(v1.Challenge), nil); err == nil {
		t.Error("an empty signature")
	}
	if _, _, err := c.VerifyV2(ctx, who, nil); err == nil {
		t.Error("an empty verdict of version 2")
	}
	if _, _, err := c.GenTag(ctx, TagRequest{Miner: who}); err == nil {
		t.Error("no tag")
	}
	answer = frame{0xff, 0xff}
	if _, _, err := c.TaggerKey(ctx); err == nil {
		t.Error("bytes that are no message")
	}
	_, err := c.MasterKey(ctx, who)
	if Code(err) != codes.Unimplemented {
		t.Error("a method that the worker does not have:", err)
	}
}

func TestBusy(t *testing.T) {
	for _, err := range []error{
		status.Error(codes.ResourceExhausted, TextBusy), fmt.Errorf("x: %w", status.Error(codes.Internal, "the worker is busy")),
	} {
		if !Busy(err) {
			t.Errorf("%v is not busy", err)
		}
	}
	for _, err := range []error{nil, errors.New("busy"), status.Error(codes.ResourceExhausted, "message too large")} {
		if Busy(err) {
			t.Errorf("%v is busy", err)
		}
	}
}

func TestDialReportsDeadEndpoints(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if c, err := Dial(ctx, address); err == nil {
		t.Errorf("connected to nobody: %v", c.Close())
	}
	if _, err := Dial(ctx, ""); !errors.Is(err, ErrEndpoint) {
		t.Error(err)
	}
}

func FuzzTarget(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:1", "https://a", "a:443", "[::1]:2", "http://a/b", "]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, endpoint string) {
		address, _, err := Target(endpoint)
		if err != nil {
			return
		}
		host, port, err := net.SplitHostPort(address)
		if err != nil || host == "" || port == "" {
			t.Fatalf("%q: %q, %v", endpoint, address, err)
		}
	})
}

func roundTrip[M any](t *testing.T, b []byte) {
	m, err := wire.Unmarshal[M](b)
	if err != nil {
		return
	}
	once := wire.Marshal(m)
	again, err := wire.Unmarshal[M](once)
	if err != nil || !bytes.Equal(wire.Marshal(again), once) {
		t.Fatalf("encoding is not stable: %v", err)
	}
}

// FuzzMessages decodes the input as the message that its first byte selects.
func FuzzMessages(f *testing.F) {
	kinds := []func(*testing.T, []byte){
		roundTrip[KeyRequest], roundTrip[KeyReply], roundTrip[EchoMessage], roundTrip[Empty], roundTrip[GenTagRequest], roundTrip[GenTagReply],
		roundTrip[BatchVerifyRequest], roundTrip[BatchVerifyReply], roundTrip[AggregateRequest], roundTrip[AggregateReply],
		roundTrip[TaggerKeyReply], roundTrip[TagV2Request], roundTrip[TagV2Reply], roundTrip[VerifyV2Request], roundTrip[VerifyV2Reply],
	}
	for i := range kinds {
		f.Add(append([]byte{byte(i)}, wire.Marshal(&GenTagRequest{Data: []byte{1}, Digests: []DigestInfo{{TEE: []byte{2}}}})...))
		f.Add(append([]byte{byte(i)}, wire.Marshal(&BatchVerifyRequest{Proof: &BatchProof{Names: [][]byte{{1}}}, Qslice: &Qslice{Indices: []int64{1, 2}}, Filter: []int64{3}})...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 0 {
			kinds[int(b[0])%len(kinds)](t, b[1:])
		}
	})
}
