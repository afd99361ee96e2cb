package podr2

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"testing"
)

// The test vectors of docs/protocol/podr2.md, §8.6, from which other implementations can be checked.
func TestVectors(t *testing.T) {
	ctx := context.Background()
	data := make([]byte, 0, FragmentSize)
	for j := range uint32(FragmentSize / 32) {
		chunk := sha256.Sum256(binary.BigEndian.AppendUint32([]byte("podr2-vector-data"), j))
		data = append(data, chunk[:]...)
	}
	key := mustKey(t, "podr2-v2-vector-key")
	name := nameOf(data)
	tags, err := NewTagger(key).Tag(ctx, name, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	tag := func(i int) string {
		p, err := tags.point(i)
		if err != nil {
			t.Fatal(err)
		}
		b := p.Bytes()
		return hex.EncodeToString(b[:])
	}
	challenge := Challenge{seedOf("podr2-v2-vector-challenge"), 460}
	samples, err := challenge.Draw(1)
	if err != nil {
		t.Fatal(err)
	}
	point, err := challenge.Seed.point()
	if err != nil {
		t.Fatal(err)
	}
	pointBytes := point.Bytes()
	q, err := challenge.Query(1, func(uint64) (Name, error) { return name, nil })
	if err != nil {
		t.Fatal(err)
	}
	proof := prove(t, key.SRS(), q, func(*FragmentQuery) (io.ReaderAt, io.ReaderAt) {
		return bytes.NewReader(data), bytes.NewReader(tags.Bytes())
	})
	if err := key.Public().Verify(ctx, q, proof); err != nil {
		t.Error(err)
	}
	many, err := challenge.Draw(1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	show := func(s Sample) string { return fmt.Sprintf("%d/%d %x", s.Fragment, s.Block, s.Coefficient) }
	for _, c := range []struct{ what, got, want string }{
		{"fragment name", name.String(), "89eb56e61a9c62863d78c03161b757286e2d334f7102de462209bb7895963678"},
		{"SHA-256 of the public key", digest(key.Public().Bytes()), "8d0a84cb5eeaf7c592325b4e281ee313f035e0d296e3699745432bd185eb6fe1"},
		{"key id", key.Public().ID().String(), "dfffc11c8604e649d219c4e536edf36d940d0bb0120772bc8f7cde255b1f435f"},
		{"SHA-256 of the SRS", digest(key.SRS().Bytes()), "1d3b7c0d96520ff786a54b8426df9a1b5a15984736440f54d22c5969e9ca88d0"},
		{"tag 0", tag(0), "825070695d9656c28ab89ba5812f3b1e82135ca6fbe6bd768c500ed03398913df478338f365f8d29dcc63fe6d7965b5b"},
		{"tag 1023", tag(1023), "a9a427a08f2f0794c51f0dddcf99999a401fc3044d652d6f261de9e2ddb589e7aa451dc2ff4e93440bc9f2c8024487df"},
		{"SHA-256 of the tag file", digest(tags.Bytes()), "f92226b604e80f86023614c670be11f49352f93f3507dd2e5d38a5b3180b208c"},
		{"first sample of one fragment", show(samples[0]), "0/5 3156f71a6c69fa718ede444cda53f3b9"},
		{"last sample of one fragment", show(samples[459]), "0/1023 8fb116145be5adf73e4325c63e4aa354"},
		{"first sample of a million", show(many[0]), "24/325 d0886ed07ba9c0ed6543ce6c50fde710"},
		{"last sample of a million", show(many[459]), "997001/871 c0f92baf81278e97e436b0609d715dbf"},
		{"evaluation point", hex.EncodeToString(pointBytes[:]), "3c7825cc390ec2ca24bc6377e09b74b83caec9e784fc7645dbc169831d9a8595"},
		{"proof", hex.EncodeToString(proof.Bytes()), "028eabebfb9e961566e8fe5021361a77f04a818246162d8b52b0d42d847d54cea406c7dee8f8c1fe4f974b5ad0f2af8866494b544c17504fb79acbdf0f52ec45a5d5bb8ddab288ee04d9425712d62a15e0af59bb054205f95dd00277c206b16033b0c8b18903a9eb02940234d714d2198d106d39677c654f443a67e9bfca237820"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, c.got, c.want)
		}
	}
}
