package segment_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/gocess/gocess/storage/segment"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "fragments")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	sink, err := segment.NewDirSink(dir)
	if err != nil {
		panic(err)
	}
	m, err := segment.Encode(ctx, strings.NewReader("hello, storage"), sink, segment.EncodeOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println("fid", m.FID)

	// Lose a fragment, read the file all the same, and make the fragment anew.
	lost := m.Segments[0].Fragments[0]
	if err := os.Remove(dir + "/" + lost.String()); err != nil {
		panic(err)
	}
	opts := segment.RestoreOptions{Report: func(f segment.FragmentRef, _ error) { fmt.Println("missing: shard", f.Shard) }}
	if err := segment.Restore(ctx, os.Stdout, m, segment.DirFetcher(dir), opts); err != nil {
		panic(err)
	}
	b, err := segment.RebuildFragment(ctx, 0, m.Segments[0], 0, segment.DirFetcher(dir), opts)
	fmt.Println("\nrebuilt", len(b), "bytes", err)

	// Output:
	// fid 2b106f4b51ce70c5ffe8aef2ca70a0ab5ddaf675d175af7a8b317f24a66a7001
	// missing: shard 0
	// hello, storage
	// rebuilt 8388608 bytes <nil>
}
