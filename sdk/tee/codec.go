package tee

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// frame is an encoded message. Encoding happens outside gRPC, in the bounded
// codec of package wire.
type frame []byte

// codec passes frames as they are; generated messages, such as those of health
// checks, take the ordinary way.
type codec struct{}

// Codec is what a server of these services must use (grpc.ForceServerCodecV2).
func Codec() encoding.CodecV2 { return codec{} }

// Name is that of protobuf: frames are protobuf messages.
func (codec) Name() string { return "proto" }

func (codec) Marshal(v any) (mem.BufferSlice, error) {
	switch m := v.(type) {
	case frame:
		return mem.BufferSlice{mem.SliceBuffer(m)}, nil
	case proto.Message:
		b, err := proto.Marshal(m)
		return mem.BufferSlice{mem.SliceBuffer(b)}, err
	}
	return nil, fmt.Errorf("tee: cannot encode %T", v)
}

func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	switch m := v.(type) {
	case *frame:
		*m = data.Materialize()
		return nil
	case proto.Message:
		return proto.Unmarshal(data.Materialize(), m)
	}
	return fmt.Errorf("tee: cannot decode %T", v)
}
