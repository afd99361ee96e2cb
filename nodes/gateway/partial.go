package gateway

import (
	"bytes"
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/gocess/gocess/internal/durable"
)

// partial is an upload that arrives in chunks, in any order (spec/gateway.md
// §2.7): a folder with the bytes where they belong and a list of those that are
// there.
//
//	<dir>/data    the bytes, encrypted if the upload has a cipher
//	<dir>/state   what is there; never more than what data has durably
//
// The key of an encrypted one comes from the client's cipher, which every chunk
// brings and which stays nowhere, so that no plaintext is on the disk.
type partial struct {
	dir   string
	total int64
	state partialState
	key   []byte // nil: not encrypted
}

// partialState is the content of the file state.
type partialState struct {
	Have  [][2]int64 `json:"have"`           // start and end of what is there; ascending, with gaps between
	Salt  []byte     `json:"salt,omitempty"` // of the key
	Proof []byte     `json:"proof,omitempty"`
}

const (
	partialData  = "data"
	partialFile  = "state"
	maxPieces    = 4096 // pieces with gaps between that a partial may have
	maxStateSize = 1 << 20
	copyBuffer   = 256 << 10
)

var (
	errOtherContent = &refusal{400, "the content differs from what was received before; the upload starts afresh"}
	errOtherCipher  = &refusal{400, "the cipher is not that of the chunks before"}
	errPieces       = &refusal{400, "the chunks leave too many gaps"}
	errMoreContent  = &refusal{400, "received more file content"}
	errLessContent  = &refusal{400, "received less file content"}
)

// openPartial opens the partial in dir for a client with the given cipher; its
// error is fs.ErrNotExist if there is none.
func openPartial(dir string, total int64, password string) (*partial, error) {
	p := &partial{dir: dir, total: total}
	f, err := os.Open(filepath.Join(dir, partialFile))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxStateSize))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if p.state, err = decodePartial(b, total); err != nil {
		return nil, err
	}
	if (password != "") != (p.state.Salt != nil) {
		return nil, errOtherCipher
	}
	if password == "" {
		return p, nil
	}
	proof, err := p.derive(password)
	if err == nil && !hmac.Equal(proof, p.state.Proof) {
		err = errOtherCipher
	}
	return p, err
}

func decodePartial(b []byte, total int64) (s partialState, err error) {
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("partial upload: %w", err)
	}
	last := int64(-1)
	for _, h := range s.Have {
		if h[0] <= last || h[1] <= h[0] || h[1] > total {
			return s, errors.New("partial upload: malformed list of pieces")
		}
		last = h[1]
	}
	return s, nil
}

// newPartial starts one. It is on disk with its first chunk.
func newPartial(dir string, total int64, password string) (*partial, error) {
	p := &partial{dir: dir, total: total}
	if err := durable.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if password == "" {
		return p, nil
	}
	p.state.Salt = make([]byte, 32)
	if _, err := rand.Read(p.state.Salt); err != nil {
		return nil, err
	}
	var err error
	p.state.Proof, err = p.derive(password)
	return p, err
}

// derive sets the key, and returns what shows that another password is wrong.
func (p *partial) derive(password string) (proof []byte, err error) {
	if p.key, err = hkdf.Key(sha256.New, []byte(password), p.state.Salt, "gocess/partial upload/key", 32); err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, []byte(password), p.state.Salt, "gocess/partial upload/proof", 32)
}

// stream en- or decrypts what begins at an offset.
func (p *partial) stream(offset int64) (func([]byte), error) {
	if p.key == nil {
		return func([]byte) {}, nil
	}
	block, err := aes.NewCipher(p.key)
	if err != nil {
		return nil, err
	}
	var counter [aes.BlockSize]byte
	binary.BigEndian.PutUint64(counter[8:], uint64(offset/aes.BlockSize))
	s := cipher.NewCTR(block, counter[:])
	skip := make([]byte, offset%aes.BlockSize)
	s.XORKeyStream(skip, skip)
	return func(b []byte) { s.XORKeyStream(b, b) }, nil
}

// write stores a chunk and notes durably what arrived of it, also if the body
// breaks off. Bytes that are there must be the same again; otherwise the
// partial goes and the error is errOtherContent.
func (p *partial) write(c chunk, body io.Reader) (err error) {
	f, err := os.OpenFile(filepath.Join(p.dir, partialData), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	crypt, err := p.stream(c.start)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	at := c.start
	defer func() {
		err = errors.Join(err, f.Sync(), f.Close())
		switch {
		case errors.Is(err, errOtherContent):
			err = errors.Join(err, p.remove())
		case at > c.start:
			err = errors.Join(err, p.note(c.start, at))
		}
	}()
	in, old := make([]byte, copyBuffer), make([]byte, copyBuffer)
	for at < c.end {
		n, readErr := body.Read(in[:min(copyBuffer, c.end-at)])
		crypt(in[:n])
		for done := 0; done < n; {
			from := at + int64(done)
			k, there := p.run(from, int64(n-done))
			piece := in[done : done+int(k)]
			if !there {
				_, err = f.WriteAt(piece, from)
			} else if _, err = f.ReadAt(old[:k], from); err == nil && !bytes.Equal(old[:k], piece) {
				err = errOtherContent
			}
			if err != nil {
				return err
			}
			done += int(k)
		}
		at += int64(n)
		switch {
		case at == c.end:
		case errors.Is(readErr, io.EOF):
			return errLessContent
		case readErr != nil:
			return refuse(400, "Failed to receive data")
		}
	}
	if n, _ := io.ReadFull(body, in[:1]); n > 0 {
		return errMoreContent
	}
	return nil
}

// run says how many of the next bytes are all there or all missing, and which.
func (p *partial) run(from, most int64) (n int64, there bool) {
	for _, h := range p.state.Have {
		switch {
		case from < h[0]:
			return min(most, h[0]-from), false
		case from < h[1]:
			return min(most, h[1]-from), true
		}
	}
	return most, false
}

// note adds a piece to the list and writes it down.
func (p *partial) note(start, end int64) error {
	pieces := append(slices.Clone(p.state.Have), [2]int64{start, end})
	slices.SortFunc(pieces, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	merged := pieces[:1]
	for _, h := range pieces[1:] {
		if last := &merged[len(merged)-1]; h[0] <= last[1] {
			last[1] = max(last[1], h[1])
		} else {
			merged = append(merged, h)
		}
	}
	if len(merged) > maxPieces {
		return errPieces
	}
	next := p.state
	next.Have = merged
	b, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := durable.WriteFile(filepath.Join(p.dir, partialFile), b, 0o600); err != nil {
		return err
	}
	p.state = next
	return nil
}

// prefix is how many bytes from the first on are there.
func (p *partial) prefix() int64 {
	if len(p.state.Have) == 0 || p.state.Have[0][0] > 0 {
		return 0
	}
	return p.state.Have[0][1]
}

func (p *partial) complete() bool { return p.prefix() == p.total }

// open reads all of a complete one.
func (p *partial) open() (io.ReadCloser, error) {
	f, err := os.Open(filepath.Join(p.dir, partialData))
	if err != nil {
		return nil, err
	}
	crypt, err := p.stream(0)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &partialReader{f, crypt}, nil
}

type partialReader struct {
	*os.File
	crypt func([]byte)
}

func (r *partialReader) Read(b []byte) (int, error) {
	n, err := r.File.Read(b)
	r.crypt(b[:n])
	return n, err
}

func (p *partial) remove() error { return removePartial(p.dir) }

// removePartial drops a partial; first its state, which must not outlive the
// bytes.
func removePartial(dir string) error {
	return errors.Join(durable.Remove(filepath.Join(dir, partialFile)), os.RemoveAll(dir))
}
