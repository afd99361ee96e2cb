package tee

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gocess/gocess/storage/pois/wire"
)

// Method is a remote procedure with its messages.
type Method[Req, Resp any] struct {
	Service, Name string
	// MaxRequest bounds a request, in bytes.
	MaxRequest int
}

// Path is the method's HTTP/2 path.
func (m Method[Req, Resp]) Path() string { return "/" + m.Service + "/" + m.Name }

// Call sends a request and waits for the answer. Errors are gRPC statuses.
func (m Method[Req, Resp]) Call(ctx context.Context, c *Client, req *Req) (*Resp, error) {
	var reply frame
	if err := c.conn.Invoke(ctx, m.Path(), frame(wire.Marshal(req)), &reply); err != nil {
		return nil, fmt.Errorf("tee worker, %s: %w", m.Name, err)
	}
	resp, err := wire.Unmarshal[Resp](reply)
	if err != nil {
		return nil, fmt.Errorf("tee worker, %s: %w", m.Name, err)
	}
	return resp, nil
}

// Unary serves a method with one request and one answer. On the wire it is a
// unary method; declared as a stream, it lets an interceptor act before the
// request is received.
func Unary[Req, Resp any](m Method[Req, Resp], serve func(context.Context, *Req) (*Resp, error)) grpc.StreamDesc {
	return Duplex(m, func(s *Stream[Req, Resp]) error {
		req, err := s.Recv()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return status.Error(codes.InvalidArgument, "the request is missing")
			}
			return err
		}
		resp, err := serve(s.Context(), req)
		if err != nil {
			return err
		}
		return s.Send(resp)
	})
}

// Duplex serves a method with several messages each way.
func Duplex[Req, Resp any](m Method[Req, Resp], serve func(*Stream[Req, Resp]) error) grpc.StreamDesc {
	return grpc.StreamDesc{
		StreamName: m.Name, ServerStreams: true, ClientStreams: true,
		Handler: func(_ any, s grpc.ServerStream) error { return serve(&Stream[Req, Resp]{s, m.MaxRequest}) },
	}
}

// Stream is the worker's end of a call.
type Stream[Req, Resp any] struct {
	stream grpc.ServerStream
	max    int
}

// Context ends with the call.
func (s *Stream[Req, Resp]) Context() context.Context { return s.stream.Context() }

// Recv waits for the next request; io.EOF after the last. Other errors are gRPC
// statuses.
func (s *Stream[Req, Resp]) Recv() (*Req, error) {
	var f frame
	if err := s.stream.RecvMsg(&f); err != nil {
		return nil, err
	}
	if len(f) > s.max {
		return nil, status.Errorf(codes.InvalidArgument, "message of %d bytes, at most %d are accepted", len(f), s.max)
	}
	req, err := wire.Unmarshal[Req](f)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return req, nil
}

// Send sends an answer.
func (s *Stream[Req, Resp]) Send(resp *Resp) error {
	return s.stream.SendMsg(frame(wire.Marshal(resp)))
}

// Service describes a service by its methods, which must all belong to it.
func Service(name string, methods ...grpc.StreamDesc) *grpc.ServiceDesc {
	return &grpc.ServiceDesc{ServiceName: name, Streams: methods}
}
