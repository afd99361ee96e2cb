package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/storage/segment"
)

// PutOptions tunes an upload. The zero value is ready to use.
type PutOptions struct {
	// Cipher makes the gateway encrypt the file with this password of 1 to 32
	// bytes. The gateway sees it. Default: none.
	Cipher string
	// Progress, if set, is told how many bytes have been sent.
	Progress func(bytes int64)
	// Trust saves the work of computing the fid here: the gateway's word is
	// taken for it.
	Trust bool
}

// Put stores size bytes of r, or all if size is negative, in a territory, and
// returns the fid. The gateway has taken responsibility then; Status tells
// when miners have the file. Without Trust, a wrong fid is ErrMismatch.
func (c *Client) Put(ctx context.Context, territory, name string, r io.Reader, size int64, opts PutOptions) (types.Hash, error) {
	var none types.Hash
	cipher, err := cipherOf(opts.Cipher)
	if err != nil {
		return none, err
	}
	body := &counter{r: r, left: size, bounded: size >= 0, progress: opts.Progress}
	defer body.ended.Store(true) // the connection may still want to read
	var content io.Reader = body
	var local *fidder
	if !opts.Trust {
		local = startFID(ctx, cipher)
		defer local.stop()
		content = io.TeeReader(body, local.in)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, c.url+"/object/"+url.PathEscape(name), io.NopCloser(content))
	if err != nil {
		return none, err
	}
	if size == 0 {
		req.Body = http.NoBody
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Expect", "100-continue") // what is refused is not sent
	req.Header.Set("Territory", territory)
	if opts.Cipher != "" {
		req.Header.Set("Cipher", opts.Cipher)
	}
	if err := c.sign(req.Header); err != nil {
		return none, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return none, fmt.Errorf("upload: %w", err)
	}
	defer resp.Body.Close()
	var data struct {
		FID types.Hash `json:"fid"`
	}
	if err := envelope(resp, &data); err != nil {
		return none, err
	}
	if local != nil {
		want, err := local.sum()
		if err != nil {
			return none, fmt.Errorf("compute fid: %w", err)
		}
		if want != data.FID {
			return none, fmt.Errorf("%w: it says %v, the content is %v", ErrMismatch, data.FID, want)
		}
	}
	return data.FID, nil
}

// PutFile stores a file from disk under its base name.
func (c *Client) PutFile(ctx context.Context, territory, path string, opts PutOptions) (types.Hash, error) {
	f, err := os.Open(path)
	if err != nil {
		return types.Hash{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return types.Hash{}, err
	}
	return c.Put(ctx, territory, filepath.Base(path), f, info.Size(), opts)
}

func cipherOf(password string) (segment.Cipher, error) {
	if password == "" {
		return segment.Cipher{}, nil
	}
	return segment.NewCipher(password)
}

// counter reports what was read. A bounded one ends with an error when r has
// fewer bytes.
type counter struct {
	r        io.Reader
	left     int64
	bounded  bool
	n        int64
	progress func(int64)
	ended    atomic.Bool
}

func (c *counter) Read(p []byte) (int, error) {
	if c.ended.Load() {
		return 0, errStopped
	}
	if c.bounded {
		if c.left == 0 {
			return 0, io.EOF
		}
		p = p[:min(int64(len(p)), c.left)]
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.left -= int64(n)
	if c.progress != nil && n > 0 {
		c.progress(c.n)
	}
	if c.bounded && err == io.EOF && c.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// fidder computes the fid of what is written to in.
type fidder struct {
	in     *io.PipeWriter
	cancel context.CancelFunc
	done   chan struct{}
	fid    types.Hash
	err    error
}

var errStopped = errors.New("the upload ended")

func startFID(ctx context.Context, cipher segment.Cipher) *fidder {
	ctx, cancel := context.WithCancel(ctx)
	out, in := io.Pipe()
	f := &fidder{in: in, cancel: cancel, done: make(chan struct{})}
	go func() { // ends with stop
		defer close(f.done)
		m, err := segment.Encode(ctx, out, segment.Discard, segment.EncodeOptions{Cipher: cipher})
		if err != nil {
			f.err = err
			out.CloseWithError(err)
			return
		}
		f.fid = types.HashOf(m.FID)
	}()
	return f
}

// sum ends the input and returns the fid.
func (f *fidder) sum() (types.Hash, error) {
	f.in.Close()
	<-f.done
	return f.fid, f.err
}

func (f *fidder) stop() {
	f.cancel()
	f.in.CloseWithError(errStopped)
	<-f.done
}
