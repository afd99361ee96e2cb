// Package segment compares the file pipeline with the reference SDK: the same
// files must become the same fragments. It is a module of its own, so that the
// product does not depend on the SDK.
package segment

import (
	"bytes"
	"crypto/sha256"
	"os"
	"testing"

	"github.com/gocess/gocess/storage/segment"
)

func hash(b []byte) segment.Hash { return sha256.Sum256(b) }

func sameFile(t testing.TB, a, b string) bool {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}
