package chain

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"github.com/gocess/gocess/ledger/state"
	"github.com/gocess/gocess/primitives/substrate"
)

// writer appends blocks that each write their number under one key.
type writer struct {
	t     testing.TB
	store *state.Store
	chain *Chain
}

func open(t testing.TB, fs vfs.FS, opts ...Option) *writer {
	t.Helper()
	store, err := state.Open("db", state.WithFS(fs))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(store, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return &writer{t, store, c}
}

func (w *writer) close() {
	w.chain.Close()
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

var counter = []byte("counter")

// next makes the block after the best one, without appending it.
func (w *writer) next(body ...[]byte) (*state.Staged, *Block) {
	w.t.Helper()
	number, parent := uint32(0), substrate.H256{}
	if !w.chain.Empty() {
		best := w.chain.Best()
		number, parent = best.Number+1, best.Hash
	}
	staged, err := w.store.Stage(uint64(number), []state.KV{{Key: counter, Value: binary.LittleEndian.AppendUint32(nil, number)}})
	if err != nil {
		w.t.Fatal(err)
	}
	b := &Block{
		Ref:     Ref{Number: number},
		Header:  substrate.Header{ParentHash: parent, Number: number, StateRoot: staged.Root()},
		Body:    body,
		Written: [][]byte{counter},
	}
	if b.Hash, err = b.Header.Hash(); err != nil {
		w.t.Fatal(err)
	}
	return staged, b
}

func (w *writer) append(body ...[]byte) *Block {
	w.t.Helper()
	staged, b := w.next(body...)
	if err := w.chain.Append(staged, b, []state.KV{{Key: []byte("extra"), Value: []byte{byte(b.Number)}}}); err != nil {
		w.t.Fatal(err)
	}
	return b
}

func checkBlock(t testing.TB, c *Chain, want *Block) {
	t.Helper()
	hash, err := c.HashAt(want.Number)
	if err != nil || hash != want.Hash {
		t.Errorf("HashAt(%d) = %x, %v; want %x", want.Number, hash, err, want.Hash)
	}
	if number, err := c.NumberOf(want.Hash); err != nil || number != want.Number {
		t.Errorf("NumberOf(%x) = %d, %v; want %d", want.Hash, number, err, want.Number)
	}
	header, err := c.Header(want.Hash)
	if got, _ := header.Hash(); err != nil || got != want.Hash {
		t.Errorf("Header(%d) = %+v, %v", want.Number, header, err)
	}
	body, err := c.Body(want.Hash)
	if err != nil || !slices.EqualFunc(body, want.Body, slices.Equal) {
		t.Errorf("Body(%d) = %x, %v; want %x", want.Number, body, err, want.Body)
	}
	view, err := c.View(want.Hash)
	if err != nil {
		t.Errorf("View(%d): %v", want.Number, err)
		return
	}
	defer view.Close()
	v, err := view.Parent().State.Get(counter)
	if err != nil || binary.LittleEndian.Uint32(v) != want.Number {
		t.Errorf("state of block %d has %x, %v", want.Number, v, err)
	}
	if view.Ref() != want.Ref {
		t.Errorf("view of block %d is of %+v", want.Number, view.Ref())
	}
}

func TestBlocksCanBeReadAtOnceAndAfterReopening(t *testing.T) {
	fs := vfs.NewMem()
	w := open(t, fs, WithRecent(3, 1<<20))
	if !w.chain.Empty() {
		t.Error("a new chain is not empty")
	}
	var blocks []*Block
	for i := range 8 {
		b := w.append([]byte{4, byte(i)}, []byte{8, 1, 2})
		blocks = append(blocks, b)
		checkBlock(t, w.chain, b)
	}
	for range 2 {
		for _, b := range blocks {
			checkBlock(t, w.chain, b)
		}
		if w.chain.Genesis() != blocks[0].Hash || w.chain.Best() != blocks[7].Ref || w.chain.Finalized() != blocks[7].Ref {
			t.Errorf("genesis %x, best %+v", w.chain.Genesis(), w.chain.Best())
		}
		if extra, err := w.chain.Aux([]byte("extra")); err != nil || !slices.Equal(extra, []byte{7}) {
			t.Errorf("extra record %x, %v", extra, err)
		}
		w.close()
		w = open(t, fs)
	}
	w.close()
}

func TestUnknownBlocks(t *testing.T) {
	w := open(t, vfs.NewMem())
	defer w.close()
	w.append()
	if _, err := w.chain.HashAt(1); !errors.Is(err, ErrUnknownBlock) {
		t.Errorf("HashAt above best: %v", err)
	}
	for _, err := range []error{
		second(w.chain.NumberOf(substrate.H256{1})), second(w.chain.Header(substrate.H256{1})),
		second(w.chain.Body(substrate.H256{1})), second(w.chain.View(substrate.H256{1})),
	} {
		if !errors.Is(err, ErrUnknownBlock) {
			t.Errorf("unknown hash: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A block that does not continue the chain changes nothing.
func TestAppendRefusesWhatDoesNotFollow(t *testing.T) {
	w := open(t, vfs.NewMem())
	defer w.close()
	staged, b := w.next()
	b.Number, b.Header.Number = 3, 3
	if w.chain.Append(staged, b, nil) == nil {
		t.Error("block 3 opened a chain")
	}
	w.append()
	best := w.append().Ref
	for name, spoil := range map[string]func(*Block){
		"number":        func(b *Block) { b.Number, b.Header.Number = 7, 7 },
		"header number": func(b *Block) { b.Header.Number = 7 },
		"parent":        func(b *Block) { b.Header.ParentHash = substrate.H256{9} },
	} {
		staged, b := w.next()
		if spoil(b); w.chain.Append(staged, b, nil) == nil {
			t.Errorf("wrong %s: appended", name)
		}
		if w.chain.Best() != best {
			t.Errorf("wrong %s: best moved", name)
		}
	}
}

// Feeds see every block once, in order, however slow they are; only recent
// blocks know the keys they wrote.
func TestFeedsHaveNoGaps(t *testing.T) {
	w := open(t, vfs.NewMem(), WithRecent(4, 1<<20))
	w.append()
	ctx := t.Context()
	fast, slow := w.chain.Subscribe(), w.chain.Subscribe()
	var readers sync.WaitGroup
	readers.Go(func() {
		for want := range uint32(21) {
			b, err := fast.Next(ctx)
			if err != nil || b.Number != want {
				t.Errorf("fast reader: %+v, %v; want block %d", b, err, want)
				return
			}
		}
	})
	for range 20 {
		w.append()
	}
	readers.Wait()
	if got := slow.Lag(); got != 21 {
		t.Errorf("the slow reader lags %d blocks, want 21", got)
	}
	w.chain.Close()
	for want := range uint32(21) {
		b, err := slow.Next(ctx)
		if err != nil || b.Number != want {
			t.Fatalf("slow reader: %+v, %v; want block %d", b, err, want)
		}
		if known := b.Written != nil; known != (want > 16) {
			t.Errorf("block %d knows its keys: %v", want, known)
		}
	}
	if _, err := slow.Next(ctx); !errors.Is(err, ErrClosed) {
		t.Errorf("after the last block: %v, want ErrClosed", err)
	}
	if err := w.store.Close(); err != nil {
		t.Error(err)
	}
}

func TestFeedStopsWithItsContext(t *testing.T) {
	w := open(t, vfs.NewMem())
	defer w.close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.chain.Subscribe().Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("an empty chain's feed: %v", err)
	}
}

// Memory for recent blocks is bounded by size, and the newest block stays.
func TestRecentIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r recent
		blocks, bytes := rapid.IntRange(1, 5).Draw(t, "blocks"), rapid.IntRange(0, 4000).Draw(t, "bytes")
		r.init(blocks, bytes)
		for n := range uint32(rapid.IntRange(1, 20).Draw(t, "n")) {
			b := &Block{Ref: Ref{n, substrate.H256{byte(n)}}, Body: [][]byte{make([]byte, rapid.IntRange(0, 900).Draw(t, "size"))}}
			r.add(b)
			if r.at(n) != b {
				t.Fatal("the newest block is gone")
			}
			size := 0
			for _, b := range r.blocks {
				size += sizeOf(b)
			}
			if size != r.bytes || len(r.numbers) != len(r.blocks) || len(r.blocks) > blocks || len(r.blocks) > 1 && size > bytes {
				t.Fatalf("%d blocks of %d bytes, counted %d", len(r.blocks), size, r.bytes)
			}
		}
	})
}

func TestReserved(t *testing.T) {
	for _, k := range []byte{kindHeader, kindBody, kindHash, kindName} {
		if !Reserved([]byte{k, 1}) {
			t.Errorf("%q is not reserved", k)
		}
	}
	if Reserved(nil) || Reserved([]byte("C")) {
		t.Error("reserved what is not")
	}
}

// restore puts a state into the store with the counter at number.
func (w *writer) restore(number uint32) *state.Restore {
	w.t.Helper()
	r, err := w.store.Restore(uint64(number))
	if err != nil {
		w.t.Fatal(err)
	}
	stream := append([]byte{byte(len(counter))}, counter...)
	stream = append(stream, 4)
	if _, err := r.Write(binary.LittleEndian.AppendUint32(stream, number)); err != nil {
		w.t.Fatal(err)
	}
	return r
}

// A chain that is joined late knows the headers it was given and goes on; what
// it does not have is told apart from what does not exist. Feeds go on too.
func TestJoin(t *testing.T) {
	fs := vfs.NewMem()
	source := open(t, vfs.NewMem())
	defer source.close()
	var blocks []*Block
	for range 9 {
		blocks = append(blocks, source.append([]byte{4, 1}))
	}
	w := open(t, fs)
	if w.append([]byte{4, 1}).Hash != blocks[0].Hash {
		t.Fatal("two genesis blocks")
	}
	feed := w.chain.Subscribe()
	if b, err := feed.Next(t.Context()); err != nil || b.Number != 0 {
		t.Fatalf("feed: %v, %v", b, err)
	}
	at, extra := blocks[7], []state.KV{{Key: []byte("extra"), Value: []byte("7")}}
	r := w.restore(7)
	for name, ancestors := range map[string][]substrate.Header{
		"a gap":         {blocks[5].Header},
		"a forged one":  {{Number: 6}},
		"genesis":       {blocks[6].Header, blocks[5].Header, blocks[4].Header, blocks[3].Header, blocks[2].Header, blocks[1].Header, blocks[0].Header},
		"wrong parents": {blocks[6].Header, blocks[4].Header},
	} {
		if err := w.chain.Join(r, at, ancestors, nil); err == nil || w.chain.Best().Number != 0 {
			t.Errorf("joined with %s among the ancestors: %v", name, err)
		}
	}
	if err := w.chain.Join(r, at, []substrate.Header{blocks[6].Header, blocks[5].Header}, extra); err != nil {
		t.Fatal(err)
	}
	if b, err := feed.Next(t.Context()); err != nil || b.Hash != at.Hash {
		t.Fatalf("the feed goes on with %+v, %v; want block 7", b, err)
	}
	for range 2 {
		checkBlock(t, w.chain, at)
		if w.chain.Best() != at.Ref || w.chain.Genesis() != blocks[0].Hash || w.chain.First() != 7 {
			t.Errorf("best %+v, first %d", w.chain.Best(), w.chain.First())
		}
		for number := range uint32(9) {
			hash, err := w.chain.HashAt(number)
			switch {
			case number == 8:
				if !errors.Is(err, ErrUnknownBlock) {
					t.Errorf("block 8: %v", err)
				}
				continue
			case number > 0 && number < 5:
				if !errors.Is(err, ErrNotKept) {
					t.Errorf("block %d: %v", number, err)
				}
				continue
			case err != nil || hash != blocks[number].Hash:
				t.Errorf("hash of block %d: %v", number, err)
			}
			if _, err := w.chain.Header(hash); err != nil {
				t.Errorf("header of block %d: %v", number, err)
			}
			if _, err := w.chain.Body(hash); (err != nil) != (number == 5 || number == 6) || err != nil && !errors.Is(err, ErrNotKept) {
				t.Errorf("body of block %d: %v", number, err)
			}
		}
		w.close()
		w = open(t, fs)
	}
	defer w.close()
	if w.append([]byte{4, 1}).Hash != blocks[8].Hash {
		t.Error("the chain goes on with another block")
	}
}
