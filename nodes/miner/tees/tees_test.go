package tees

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk/tee"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// identityServer answers with a worker's key, over a real connection.
func identityServer(t *testing.T, key types.WorkerPublicKey, calls *atomic.Int32) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(tee.Codec()))
	s.RegisterService(tee.Service(tee.ServicePubkeys,
		tee.Unary(tee.IdentityPubkey, func(context.Context, *tee.KeyRequest) (*tee.KeyReply, error) {
			calls.Add(1)
			return &tee.KeyReply{Key: key[:]}, nil
		})), nil)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// pool is a pool that knows its workers without a chain.
func pool(t *testing.T, members ...*member) *Pool {
	t.Helper()
	p := New(substrate.AccountID{1}, Options{Rest: time.Hour, MaxRest: time.Hour})
	for _, m := range members {
		m.duties = [2]bool{true, true}
		p.workers[m.key] = m
	}
	p.fetched = time.Now()
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func key(n byte) types.WorkerPublicKey { return types.WorkerPublicKey{n} }

func TestIdentityIsCheckedOnce(t *testing.T) {
	var calls atomic.Int32
	honest := &member{key: key(1), endpoint: identityServer(t, key(1), &calls)}
	p := pool(t, honest)
	for range 3 {
		err := p.Do(t.Context(), nil, Mark, func(_ context.Context, w *Worker) error {
			if w.Key != key(1) {
				t.Errorf("worker %x", w.Key)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("asked %d times who it is", calls.Load())
	}
}

func TestImpostorIsNotUsed(t *testing.T) {
	var calls atomic.Int32
	p := pool(t, &member{key: key(1), endpoint: identityServer(t, key(2), &calls)})
	err := p.Do(t.Context(), nil, Mark, func(context.Context, *Worker) error {
		t.Error("an impostor was used")
		return nil
	})
	if !errors.Is(err, ErrAllFailed) || !strings.Contains(err.Error(), "not the one that the chain names") {
		t.Fatal(err)
	}
}

func TestFailuresMoveOnAndRest(t *testing.T) {
	var calls atomic.Int32
	address := func(n byte) string { return identityServer(t, key(n), &calls) }
	broken, busy, good := &member{key: key(1), endpoint: address(1)}, &member{key: key(2), endpoint: address(2)}, &member{key: key(3), endpoint: address(3)}
	p := pool(t, broken, busy, good)
	var asked []byte
	ask := func(_ context.Context, w *Worker) error {
		asked = append(asked, w.Key[0])
		switch w.Key {
		case key(1):
			return errors.New("broken")
		case key(2):
			return status.Error(codes.ResourceExhausted, tee.TextBusy)
		}
		return nil
	}
	if err := p.Do(t.Context(), nil, Mark, ask); err != nil {
		t.Fatal(err)
	}
	if string(asked) != "\x01\x02\x03" {
		t.Fatalf("asked %v", asked)
	}
	if broken.failures != 1 || busy.failures != 0 {
		t.Errorf("the broken one has %d failures, the busy one %d", broken.failures, busy.failures)
	}
	asked = nil
	if err := p.Do(t.Context(), nil, Mark, ask); err != nil || string(asked) != "\x03" {
		t.Errorf("workers that rest were asked: %v, %v", asked, err)
	}
	good.failed(errors.New("gone"), p.o)
	err := p.Do(t.Context(), nil, Mark, ask)
	if !errors.Is(err, ErrAllFailed) || !strings.Contains(err.Error(), "all rest after failures until") {
		t.Errorf("all rest: %v", err)
	}
}

func TestFinalErrorsAreNotTheWorkers(t *testing.T) {
	var calls atomic.Int32
	m := &member{key: key(1), endpoint: identityServer(t, key(1), &calls)}
	p := pool(t, m, &member{key: key(2), endpoint: identityServer(t, key(2), &calls)})
	mine := errors.New("my disk is broken")
	n := 0
	err := p.Do(t.Context(), nil, Mark, func(context.Context, *Worker) error {
		n++
		return Final(mine)
	})
	if !errors.Is(err, mine) || n != 1 || m.failures != 0 {
		t.Errorf("%v after %d workers, %d failures", err, n, m.failures)
	}
	if Final(nil) != nil {
		t.Error("no error became one")
	}
}

func TestDutiesAndSpeedDecide(t *testing.T) {
	slow, fast := &member{key: key(1), latency: time.Second}, &member{key: key(2), latency: time.Millisecond}
	p := pool(t, slow, fast)
	if list, _ := p.candidates(Verify); len(list) != 2 || list[0] != fast {
		t.Error("the fast one is not the first")
	}
	fast.duties[Verify] = false
	if list, _ := p.candidates(Verify); len(list) != 1 || list[0] != slow {
		t.Error("a marker was asked for a verdict")
	}
	slow.duties[Verify] = false
	err := p.Do(t.Context(), nil, Verify, nil)
	if !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}
