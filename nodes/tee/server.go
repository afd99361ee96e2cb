package tee

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"golang.org/x/net/netutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	api "github.com/gocess/gocess/sdk/tee"
)

const (
	maxConnections = 256
	maxStreams     = 64      // of a connection
	streamWindow   = 1 << 20 // bytes that wait for a handler
	connWindow     = 4 << 20
	maxHeaders     = 16 << 10
	stopPatience   = 5 * time.Second
)

// server is the gRPC face of a worker.
type server struct {
	w         *Worker
	listener  net.Listener
	grpc      *grpc.Server
	receiving *gate
	done      chan error
}

// listen serves the worker's services on address.
func (w *Worker) listen(address string) (*server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &server{w: w, listener: l, done: make(chan error, 1)}
	s.receiving = newGate(w.cfg.Receptions, 16*w.cfg.Receptions, w.cfg.Patience)
	s.grpc = grpc.NewServer(
		grpc.ForceServerCodecV2(api.Codec()),
		grpc.MaxRecvMsgSize(api.MaxMessage), grpc.MaxSendMsgSize(api.MaxMessage),
		grpc.MaxConcurrentStreams(maxStreams), grpc.MaxHeaderListSize(maxHeaders),
		grpc.InitialWindowSize(streamWindow), grpc.InitialConnWindowSize(connWindow),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: 10 * time.Minute, Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 20 * time.Second, PermitWithoutStream: true}),
		grpc.StreamInterceptor(s.intercept),
	)
	for _, service := range w.services() {
		s.grpc.RegisterService(service, nil)
	}
	go func() { s.done <- s.grpc.Serve(netutil.LimitListener(l, maxConnections)) }()
	return s, nil
}

// close lets calls under way end, for a moment, and stops.
func (s *server) close() error {
	hard := time.AfterFunc(stopPatience, s.grpc.Stop)
	defer hard.Stop()
	s.grpc.GracefulStop()
	if err := <-s.done; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// intercept gives every call a deadline and limits on what it receives, keeps
// panics to the call, and counts.
func (s *server) intercept(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	ctx, cancel := context.WithTimeout(stream.Context(), s.w.cfg.CallTimeout)
	defer cancel()
	start := time.Now()
	defer func() {
		if p := recover(); p != nil {
			s.w.log.Error("a call panicked", "method", info.FullMethod, "panic", p, "stack", string(debug.Stack()))
			err = status.Error(codes.Internal, "internal error")
		}
		err = asStatus(err)
		s.w.metrics.calls.WithLabelValues(info.FullMethod, status.Code(err).String()).Inc()
		s.w.metrics.seconds.WithLabelValues(info.FullMethod).Observe(time.Since(start).Seconds())
		if code := status.Code(err); code == codes.Internal || code == codes.Unknown {
			s.w.log.Warn("a call failed", "method", info.FullMethod, "err", err)
		}
	}()
	return next(srv, &guarded{stream, ctx, s})
}

// asStatus turns any error of a handler into a gRPC status without loss of the
// text.
func asStatus(err error) error {
	if err == nil {
		return nil
	}
	if s, ok := status.FromError(err); ok && s.Code() != codes.Unknown {
		return s.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return status.FromContextError(err).Err()
	}
	return status.Error(codes.Internal, err.Error())
}

// guarded bounds how many messages are received at once, since each may have
// 100 MiB, and how long one may take.
type guarded struct {
	grpc.ServerStream
	ctx context.Context
	s   *server
}

func (g *guarded) Context() context.Context { return g.ctx }

func (g *guarded) RecvMsg(m any) error {
	done, err := g.s.w.callers.receive(g.ctx)
	if err != nil {
		return err
	}
	defer done()
	leave, err := g.s.receiving.enter(g.ctx)
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(g.ctx, g.s.w.cfg.ReceiveTimeout)
	defer cancel()
	received := make(chan error, 1)
	// The call below ends at the latest with the stream, which ends when the
	// handler returns.
	go func() { received <- g.ServerStream.RecvMsg(m) }()
	select {
	case err := <-received:
		return err
	case <-ctx.Done():
		return status.Error(codes.DeadlineExceeded, "the message took too long")
	}
}
