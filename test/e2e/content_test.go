//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// content is a file that can be made again from a few numbers: random bytes, or
// zeros for seed 0.
type content struct {
	seed uint64
	size int64
}

func (c content) reader() io.Reader {
	if c.seed == 0 {
		return io.LimitReader(zeros{}, c.size)
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], c.seed)
	return io.LimitReader(rand.NewChaCha8(key), c.size)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// write makes a file of the content.
func (c content) write(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(f, c.reader())
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// compare reads r to its end and says where it differs from the content.
func (c content) compare(r io.Reader) error {
	const step = 1 << 20
	want, got := c.reader(), make([]byte, step)
	expected := make([]byte, step)
	for at := int64(0); ; {
		n, err := io.ReadFull(r, got)
		m, _ := io.ReadFull(want, expected) // ends where the content ends
		if k := min(n, m); !bytes.Equal(got[:k], expected[:k]) {
			for i := range k {
				if got[i] != expected[i] {
					return fmt.Errorf("byte %d of %d differs", at+int64(i), c.size)
				}
			}
		}
		if n != m {
			if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
				return fmt.Errorf("%d bytes or more instead of %d", at+int64(n), c.size)
			}
			return fmt.Errorf("after %d of %d bytes: %w", at+int64(n), c.size, err)
		}
		at += int64(n)
		if at == c.size {
			if n, err := io.ReadFull(r, got[:1]); n > 0 {
				return fmt.Errorf("more than %d bytes", c.size)
			} else if err != io.EOF {
				return fmt.Errorf("after all bytes: %w", err)
			}
			return nil
		}
	}
}

func (c content) String() string { return fmt.Sprintf("content{seed: %d, size: %d}", c.seed, c.size) }
