// Package tee is how a storage miner talks to the TEE workers of its network:
// gRPC services that certify idle space, tag service data and judge proofs.
//
//	w, err := tee.Dial(ctx, endpoint)                    // TeeWorker.Endpoints on chain
//	key, err := w.Identity(ctx, miner)                   // must be the key under which the endpoint was found
//	tags, sig, err := w.TagV2(ctx, tee.TagRequest{…})
//
// Services and messages are those of upstream (spec/podr2-tee.md §2), plus the
// package cess.podr2.v2 for version 2 of PoDR². Methods are values (Method):
// the client calls them, a worker (nodes/tee) serves them with Unary and Duplex,
// so both sides agree by construction. What workers sign is in payload.go.
package tee

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	// MaxMessage is the most that a worker accepts in one message, in bytes.
	// Messages of one method may be bounded further; see Method.MaxRequest.
	MaxMessage = 100 << 20
	// MaxReply is the most that a worker may answer, in bytes: the default of
	// upstream miners.
	MaxReply = 4 << 20
)

// Texts that upstream miners look for in errors (spec/podr2-tee.md §2.5).
const (
	TextBusy          = "tee worker is busy"
	TextNotRegistered = "the storage miner is not registered on the chain"
	TextNoMiner       = "the miner not exists"
	TextHasKey        = "You have already registered the POIS key!"
	TextAskFirst      = "Please ask if TEEWorker is available before requesting to generate a tag!"
)

// ErrEndpoint reports an endpoint that names no host.
var ErrEndpoint = errors.New("tee: invalid endpoint")

// Busy says whether a worker refused for want of capacity: try again later, or
// another worker. As upstream, the text decides.
func Busy(err error) bool {
	s, ok := status.FromError(err)
	return ok && s.Code() != codes.OK && strings.Contains(s.Message(), "busy")
}

// Code is the gRPC status of a worker's answer; Unknown for errors that are not
// answers.
func Code(err error) codes.Code {
	s, _ := status.FromError(err)
	return s.Code()
}

// Client is a connection to one worker. It is safe for concurrent use and
// reconnects by itself.
type Client struct{ conn *grpc.ClientConn }

// Target reads an endpoint as workers publish it (a URL or host:port) and says
// whether it needs TLS: iff the scheme is https or the port is 443. Without a
// port it is 80, or 443 for https. The error is ErrEndpoint.
func Target(endpoint string) (address string, secure bool, err error) {
	text := strings.TrimSpace(endpoint)
	scheme := ""
	if before, _, found := strings.Cut(text, "://"); found {
		scheme = strings.ToLower(before)
		if scheme != "http" && scheme != "https" {
			return "", false, fmt.Errorf("%w: scheme %.20q", ErrEndpoint, before)
		}
	} else {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false, fmt.Errorf("%w: %.100q", ErrEndpoint, endpoint)
	}
	port := u.Port()
	if port == "" {
		port = "80"
		if scheme == "https" {
			port = "443"
		}
	}
	address = net.JoinHostPort(u.Hostname(), port)
	if _, _, err := net.SplitHostPort(address); err != nil {
		return "", false, fmt.Errorf("%w: %.100q", ErrEndpoint, endpoint)
	}
	return address, scheme == "https" || port == "443", nil
}

// Dial connects to a worker. It returns once the connection stands, so that a
// dead endpoint costs no more than ctx allows.
func Dial(ctx context.Context, endpoint string) (*Client, error) {
	address, secure, err := Target(endpoint)
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if secure {
		transport = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(codec{}), grpc.MaxCallRecvMsgSize(MaxReply)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 10 * time.Second},
			MinConnectTimeout: 10 * time.Second,
		}))
	if err != nil {
		return nil, fmt.Errorf("tee worker %s: %w", address, err)
	}
	conn.Connect()
	for state := conn.GetState(); state != connectivity.Ready; state = conn.GetState() {
		if state == connectivity.TransientFailure || state == connectivity.Shutdown {
			return nil, errors.Join(fmt.Errorf("tee worker %s: cannot connect", address), conn.Close())
		}
		if !conn.WaitForStateChange(ctx, state) {
			return nil, errors.Join(fmt.Errorf("tee worker %s: %w", address, ctx.Err()), conn.Close())
		}
	}
	return &Client{conn: conn}, nil
}

// Close ends the connection and all calls.
func (c *Client) Close() error { return c.conn.Close() }
