package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gocess/gocess/ledger/types"
)

// GetOptions tunes a download. The zero value fetches the whole file.
type GetOptions struct {
	// Cipher decrypts a file that was stored with it. Without, an encrypted
	// file comes as it is stored, cut at its size.
	Cipher string
	// Offset and Length select a part, in bytes. Length 0: up to the end.
	Offset, Length int64
	// Progress, if set, is told how many bytes of the part have come.
	Progress func(bytes int64)
	// Verify makes GetFile compute the fid of the file that it has fetched.
	Verify bool
}

// Get writes a file, or a part of it, to w. When it fails, w has a prefix.
func (c *Client) Get(ctx context.Context, fid types.Hash, w io.Writer, opts GetOptions) error {
	if opts.Offset < 0 || opts.Length < 0 {
		return fmt.Errorf("part of %d bytes at %d: negative", opts.Length, opts.Offset)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/file/download/"+fid.String(), nil)
	if err != nil {
		return err
	}
	// Compression would hide where the file ends.
	req.Header.Set("Accept-Encoding", "identity")
	if opts.Cipher != "" {
		req.Header.Set("Cipher", opts.Cipher)
	}
	part := opts.Offset > 0 || opts.Length > 0
	if part {
		last := ""
		if opts.Length > 0 {
			last = strconv.FormatInt(opts.Offset+opts.Length-1, 10)
		}
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%s", opts.Offset, last))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if !isFile(resp) {
		if err := envelope(resp, nil); err != nil {
			return err
		}
		return fmt.Errorf("%w: no file in it", ErrAnswer)
	}
	if part && (resp.StatusCode != http.StatusPartialContent || !startsAt(resp, opts.Offset)) {
		return fmt.Errorf("%w: not the part that was asked for", ErrAnswer)
	}
	in := &counter{r: resp.Body, progress: opts.Progress}
	n, err := io.Copy(w, in)
	if err == nil && resp.ContentLength >= 0 && n != resp.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	return nil
}

// isFile tells a file from an envelope: downloads never have the type JSON.
func isFile(resp *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	ok := resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusPartialContent
	return ok && kind != "application/json"
}

func startsAt(resp *http.Response, offset int64) bool {
	return strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", offset))
}

// partSuffix is the end of the name of a file that is not whole yet.
const partSuffix = ".part"

// GetFile fetches a file to path. What is whole appears there; the bytes of an
// interrupted try lie in path.part, and the next try goes on behind them.
// Offset and Length are not used.
func (c *Client) GetFile(ctx context.Context, fid types.Hash, path string, opts GetOptions) error {
	m, err := c.Stat(ctx, fid)
	if err != nil {
		return err
	}
	// The fid is part of the name, so that bytes of another file are not used.
	partial := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+fid.String()[:16]+partSuffix)
	f, err := os.OpenFile(partial, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	err = c.fill(ctx, fid, f, int64(m.Size), opts)
	if err == nil && opts.Verify {
		err = verify(ctx, fid, f, opts.Cipher)
		if errors.Is(err, ErrMismatch) {
			err = errors.Join(err, f.Truncate(0))
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// fill fetches what f lacks.
func (c *Client) fill(ctx context.Context, fid types.Hash, f *os.File, size int64, opts GetOptions) error {
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if have > size {
		have = 0
		if err := f.Truncate(0); err != nil {
			return err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	if have == size {
		return nil
	}
	rest := GetOptions{Cipher: opts.Cipher, Offset: have}
	if opts.Progress != nil {
		rest.Progress = func(n int64) { opts.Progress(have + n) }
	}
	if err := c.Get(ctx, fid, f, rest); err != nil {
		return err
	}
	if end, err := f.Seek(0, io.SeekEnd); err != nil || end != size {
		return errors.Join(err, fmt.Errorf("download: %d of %d bytes: %w", end, size, io.ErrUnexpectedEOF))
	}
	return nil
}

// verify computes the fid of a fetched file.
func verify(ctx context.Context, fid types.Hash, f *os.File, password string) error {
	cipher, err := cipherOf(password)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	local := startFID(ctx, cipher)
	defer local.stop()
	if _, err := io.Copy(local.in, f); err != nil {
		return err
	}
	got, err := local.sum()
	if err != nil {
		return err
	}
	if got != fid {
		return fmt.Errorf("%w: asked for %v, the content is %v", ErrMismatch, fid, got)
	}
	return nil
}
