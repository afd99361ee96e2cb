package consensus

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"golang.org/x/crypto/blake2b"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/state"
)

// A state file is fileMagic ∥ u8 version ∥ u8 length ∥ chain id, then frames of
// u32 little-endian length ∥ bytes, of which the last is empty, then blake2-256
// of all the bytes in frames. They are a snapshot's stream.
const (
	fileMagic   = "CESSTATE"
	fileVersion = 1
	maxFrame    = 4 << 20
)

// ErrBadFile is returned for a file that is no state file, or a damaged one.
var ErrBadFile = errors.New("not a whole state file")

// Summary says what has been exported or imported.
type Summary struct {
	Block chain.Ref
	// Root is the state root, computed again from the values on import.
	Root  [32]byte
	Pairs uint64
	Bytes int64 // of the file
}

// Export writes the newest block's state in home, and what a node needs besides
// to go on from it, as one stream. The node must not run. progress, if not nil,
// hears of the bytes written.
func Export(ctx context.Context, home, chainID string, w io.Writer, progress func(bytes int64)) (_ *Summary, err error) {
	store, blocks, err := openStored(home, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	best := blocks.Best()
	if best.Number == 0 {
		return nil, errors.New("export state: the node has no block after genesis yet")
	}
	record, err := blocks.Aux(recordKey)
	if err != nil {
		return nil, fmt.Errorf("export state: %w", err)
	}
	a, err := newAnchor(blocks, best.Number, record)
	if err != nil {
		return nil, fmt.Errorf("export state: %w", err)
	}
	prefix, err := prefixOf(a)
	if err != nil {
		return nil, fmt.Errorf("export state: %w", err)
	}
	view, err := blocks.BestView()
	if err != nil {
		return nil, fmt.Errorf("export state: %w", err)
	}
	defer view.Close()
	stream := view.Stream(state.Mark{})
	defer func() { err = errors.Join(err, stream.Close()) }()
	out := &counter{ctx: ctx, w: w, tell: progress}
	if err := writeFrames(out, chainID, io.MultiReader(bytes.NewReader(prefix), stream)); err != nil {
		return nil, fmt.Errorf("export state: %w", err)
	}
	return &Summary{Block: best, Root: view.Root(), Pairs: stream.Pairs(), Bytes: out.n}, nil
}

func writeFrames(w io.Writer, chainID string, content io.Reader) error {
	if len(chainID) > maxChainID {
		return fmt.Errorf("chain id of %d bytes", len(chainID))
	}
	buffered := bufio.NewWriterSize(w, 1<<20)
	head := append([]byte(fileMagic), fileVersion, byte(len(chainID)))
	if _, err := buffered.Write(append(head, chainID...)); err != nil {
		return err
	}
	sum, err := blake2b.New256(nil)
	if err != nil {
		return err
	}
	frame := make([]byte, chunkBytes)
	for {
		n, err := io.ReadFull(content, frame)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		if n == 0 {
			break
		}
		sum.Write(frame[:n])
		if _, err := buffered.Write(append(lengthPrefix(n), frame[:n]...)); err != nil {
			return err
		}
	}
	if _, err := buffered.Write(sum.Sum(lengthPrefix(0))); err != nil {
		return err
	}
	return buffered.Flush()
}

// Import fills cfg.Home, which holds no block after genesis yet, from what Export
// wrote. The state's root is computed again from its values and compared with
// the block's header; whether the chain has that header is verified when the
// node starts. progress, if not nil, hears of the bytes read.
func Import(ctx context.Context, cfg Config, r io.Reader, progress func(bytes int64)) (_ *Summary, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	store, blocks, err := openStored(cfg.Home, true, cfg.State...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := initialise(&cfg, store, blocks); err != nil {
		return nil, fmt.Errorf("import state: %w", err)
	}
	if best := blocks.Best().Number; best > 0 {
		return nil, fmt.Errorf("import state: %s has blocks up to %d already; give another folder, or remove its part `state` first", cfg.Home, best)
	}
	in := &restoring{store: store, chain: blocks, confirm: func(*anchor) error { return nil }}
	counted := &countingReader{ctx: ctx, r: r, tell: progress}
	if err := in.importFrom(counted, cfg.Genesis.ChainID); err != nil {
		return nil, fmt.Errorf("import state: %w", errors.Join(err, in.abort()))
	}
	return &Summary{Block: blocks.Best(), Root: in.anchor.Header.StateRoot, Pairs: in.restore.Pairs(), Bytes: counted.n}, nil
}

func (r *restoring) importFrom(content io.Reader, chainID string) error {
	if err := readFrames(content, chainID, r.write); err != nil {
		return err
	}
	_, err := r.finish()
	return err
}

// readFrames reads a state file and calls write for its content.
func readFrames(r io.Reader, chainID string, write func([]byte) error) error {
	buffered := bufio.NewReaderSize(r, 1<<20)
	if err := readFileHead(buffered, chainID); err != nil {
		return err
	}
	sum, err := blake2b.New256(nil)
	if err != nil {
		return err
	}
	frame := make([]byte, 0, chunkBytes)
	for {
		var size [4]byte
		if err := readWhole(buffered, size[:]); err != nil {
			return err
		}
		n := binary.LittleEndian.Uint32(size[:])
		if n > maxFrame {
			return fmt.Errorf("%w: a part of %d bytes", ErrBadFile, n)
		}
		if n == 0 {
			break
		}
		if int(n) > cap(frame) {
			frame = make([]byte, 0, maxFrame)
		}
		frame = frame[:n]
		if err := readWhole(buffered, frame); err != nil {
			return err
		}
		sum.Write(frame)
		if err := write(frame); err != nil {
			return err
		}
	}
	want := make([]byte, sum.Size())
	if err := readWhole(buffered, want); err != nil {
		return err
	}
	if !bytes.Equal(sum.Sum(nil), want) {
		return fmt.Errorf("%w: its content has another hash than it says", ErrBadFile)
	}
	if _, err := buffered.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows its end", ErrBadFile)
	}
	return nil
}

func readFileHead(r io.Reader, chainID string) error {
	head := make([]byte, len(fileMagic)+2)
	if err := readWhole(r, head); err != nil {
		return err
	}
	if string(head[:len(fileMagic)]) != fileMagic {
		return fmt.Errorf("%w: it does not begin with %q", ErrBadFile, fileMagic)
	}
	if v := head[len(fileMagic)]; v != fileVersion {
		return fmt.Errorf("%w: version %d, this program reads %d", ErrBadFile, v, fileVersion)
	}
	id := make([]byte, head[len(fileMagic)+1])
	if err := readWhole(r, id); err != nil {
		return err
	}
	if string(id) != chainID {
		return fmt.Errorf("the file is of chain %q, the chain spec of %q", id, chainID)
	}
	return nil
}

func readWhole(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends too early", ErrBadFile)
	}
	return err
}

// openStored opens the blocks of a node that does not run.
func openStored(home string, create bool, opts ...state.Option) (*state.Store, *chain.Chain, error) {
	opts = append(opts, state.WithBackgroundPruning(false))
	open := state.OpenExisting
	if create {
		open = state.Open
	}
	store, err := open(filepath.Join(home, stateDir), opts...)
	if err != nil {
		return nil, nil, err
	}
	c, err := chain.Open(store)
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return store, c, nil
}

// stateDir is the state's place in a node's folder.
const stateDir = "state"

// OpenState opens the state of a node that does not run.
func OpenState(home string, opts ...state.Option) (*state.Store, error) {
	return state.OpenExisting(filepath.Join(home, stateDir), opts...)
}

// counter passes writes on, until its context ends.
type counter struct {
	ctx  context.Context
	w    io.Writer
	tell func(int64)
	n    int64
}

func (c *counter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.w.Write(p)
	if c.n += int64(n); c.tell != nil {
		c.tell(c.n)
	}
	return n, err
}

type countingReader struct {
	ctx  context.Context
	r    io.Reader
	tell func(int64)
	n    int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	if c.n += int64(n); c.tell != nil {
		c.tell(c.n)
	}
	return n, err
}
