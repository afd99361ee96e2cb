package segment

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/CESSProject/cess-go-sdk/core/erasure"
	"github.com/CESSProject/cess-go-sdk/core/process"
	"github.com/gocess/gocess/storage/segment"
)

const fragment = segment.FragmentSize

// writeFile makes a file of size bytes that do not repeat within a segment.
func writeFile(t testing.TB, size int) string {
	t.Helper()
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i%251 ^ i>>13)
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func options(t testing.TB, password string) (opts segment.EncodeOptions) {
	t.Helper()
	if password != "" {
		c, err := segment.NewCipher(password)
		if err != nil {
			t.Fatal(err)
		}
		opts.Cipher = c
	}
	return opts
}

func encode(t testing.TB, path, dir string, opts segment.EncodeOptions) *segment.Manifest {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sink, err := segment.NewDirSink(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := segment.Encode(context.Background(), f, sink, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Rule: fid, segment ids and fragment ids are upstream's, and each side reads
// the other's fragments.
func TestSameAsUpstream(t *testing.T) {
	for _, c := range []struct {
		size   int
		cipher string
	}{
		{1 << 10, ""},
		{8 << 20, ""},
		{33 << 20, ""},
		{segment.Size + fragment, ""},
		{1000, "123456"},
		{33 << 20, "123456"},
		{64 << 20, "abcdefghijklmnopqrstuvwxyz012345"},
	} {
		t.Run(fmt.Sprintf("%d/cipher=%t", c.size, c.cipher != ""), func(t *testing.T) {
			path := writeFile(t, c.size)
			theirDir, ourDir := t.TempDir(), t.TempDir()
			theirs, fid, err := process.FullProcessing(path, c.cipher, theirDir)
			if err != nil {
				t.Fatal(err)
			}
			ours := encode(t, path, ourDir, options(t, c.cipher))
			if ours.FID.String() != fid {
				t.Errorf("fid %s, upstream %s", ours.FID, fid)
			}
			if len(ours.Segments) != len(theirs) {
				t.Fatalf("%d segments, upstream %d", len(ours.Segments), len(theirs))
			}
			for i, s := range theirs {
				if got := ours.Segments[i].ID.String(); got != s.SegmentHash {
					t.Errorf("segment %d is %s, upstream %s", i, got, s.SegmentHash)
				}
				if len(s.FragmentHash) != segment.Shards {
					t.Fatalf("upstream segment %d has %d fragments", i, len(s.FragmentHash))
				}
				for k, p := range s.FragmentHash {
					if got := ours.Segments[i].Fragments[k].String(); got != filepath.Base(p) {
						t.Errorf("segment %d fragment %d is %s, upstream %s", i, k, got, filepath.Base(p))
					}
				}
			}

			// We read theirs. Upstream has stored the zeros under their own
			// id; we do not need them.
			restored := filepath.Join(t.TempDir(), "restored")
			w, err := os.Create(restored)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			err = segment.Restore(context.Background(), w, ours, segment.DirFetcher(theirDir), segment.RestoreOptions{Cipher: options(t, c.cipher).Cipher})
			if err != nil {
				t.Fatal(err)
			}
			if !sameFile(t, path, restored) {
				t.Error("file restored from upstream's fragments differs")
			}

			// They restore a segment from our parity alone.
			shards := make([]string, segment.Shards)
			for k := range shards {
				if k >= 5 && k != 7 {
					shards[k] = filepath.Join(ourDir, ours.Segments[0].Fragments[k].String())
				}
			}
			out := filepath.Join(t.TempDir(), "segment")
			if err := erasure.RSRestore(out, shards); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if id := hash(b); id != ours.Segments[0].ID {
				t.Errorf("upstream restored segment %s from our fragments, want %s", id, ours.Segments[0].ID)
			}
		})
	}
}
