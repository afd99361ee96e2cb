package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/disk"
)

func withSum(body []byte) []byte {
	return fmt.Appendf(append([]byte(nil), body...), "\n%x\n", sha256.Sum256(body))
}

var errPower = errors.New("power is gone")

// dying is a disk that stops for good after a number of steps, in the middle of the step if that is a write.
type dying struct {
	disk.FS
	mu   sync.Mutex // guards left
	left int
}

func (d *dying) step() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left--
	if d.left < 0 {
		return errPower
	}
	return nil
}

func (d *dying) Write(path string, sync bool, parts ...[]byte) error {
	if err := d.step(); err != nil {
		_ = os.WriteFile(path+".tmp", parts[0][:len(parts[0])/2], 0o600)
		return err
	}
	return d.FS.Write(path, sync, parts...)
}

func (d *dying) Remove(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.FS.Remove(path)
}

func (d *dying) RemoveAll(dir string) error {
	if err := d.step(); err != nil {
		_ = os.Remove(filepath.Join(dir, "file-roots")) // a part of it
		return err
	}
	return d.FS.RemoveAll(dir)
}

func (d *dying) Sync(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.FS.Sync(path)
}

// TestStopAfterAnyStep stops the disk after 0, 1, 2, … changes while a set is certified, half deleted and cleaned, then
// opens the folder again and goes on. Whatever happened, the state is one of the chain's, and the rest can be done.
func TestStopAfterAnyStep(t *testing.T) {
	template := t.TempDir()
	s := open(t, template)
	_, err := s.Generate(context.Background(), 1, pois.GenerateOptions{})
	must(t, err)
	_, err = source{s}.Elements(1) // keeps the primes, which take most of the time
	must(t, err)
	for left := 0; ; left += 1 + left/4 { // every step at first, then fewer
		dir := t.TempDir()
		must(t, os.CopyFS(dir, os.DirFS(template)))
		d := &dying{FS: disk.OS, left: left}
		chain, err := change(dir, d)
		if err == nil {
			t.Log("steps:", left-d.left)
			break
		}
		if !errors.Is(err, errPower) {
			t.Fatal(left, err)
		}
		again := open(t, dir)
		must(t, again.Reconcile(chain))
		if _, ok := again.Pending(); ok || !same(again.Status(), chain) {
			t.Fatalf("after step %d: not reconciled", left)
		}
		must(t, again.Close())
		final, err := change(dir, disk.OS)
		must(t, err)
		last := open(t, dir)
		must(t, last.Reconcile(final))
		if last.Status().Front != 8 || last.Status().Rear != 256 {
			t.Fatalf("after step %d: ended at %+v", left, last.Status())
		}
		if _, err := os.Stat(filepath.Join(dir, "space/idle-files-1/file-cluster-2/sub-file-8")); err != nil {
			t.Fatal("a live file is gone")
		}
		if _, err := os.Stat(filepath.Join(dir, "space/idle-files-1/file-cluster-32/sub-file-3")); err == nil {
			t.Fatal("a lower layer was left behind")
		}
	}
}

// change does what is left to do up to eight deleted files, and returns what the chain has at the end: the chain takes
// a change as soon as its proof exists.
func change(dir string, fs disk.FS) (chain pois.Status, err error) {
	ctx := context.Background()
	s, err := Open(dir, config(fs))
	if err != nil {
		s, openErr := Open(dir, config(nil))
		if openErr != nil {
			return chain, openErr
		}
		return s.Status(), errors.Join(err, s.Close())
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	chain = s.Status()
	if s.Status().Rear == 0 {
		if _, err := s.Insertion(ctx); err != nil {
			return chain, err
		}
		chain, _ = s.Pending()
		if err := s.Confirm(); err != nil {
			return chain, err
		}
	}
	if err := s.Clean(ctx); err != nil {
		return chain, err
	}
	if s.Status().Front == 0 {
		if _, _, err := s.Deletion(ctx, 8); err != nil {
			return chain, err
		}
		chain, _ = s.Pending()
		if err := s.Confirm(); err != nil {
			return chain, err
		}
	}
	return chain, s.Clean(ctx)
}

// TestKilledGenerator kills a process that generates a set, three times, and then compares the set with the one that was
// generated at a stretch.
func TestKilledGenerator(t *testing.T) {
	if dir := os.Getenv("POIS_STORE_CHILD"); dir != "" {
		s := open(t, dir)
		_, err := s.Generate(context.Background(), 1, pois.GenerateOptions{Workers: 2})
		must(t, err)
		return
	}
	dir, whole := t.TempDir(), t.TempDir()
	for i := range 3 {
		c := exec.Command(os.Args[0], "-test.run=^TestKilledGenerator$")
		c.Env = append(os.Environ(), "POIS_STORE_CHILD="+dir)
		must(t, c.Start())
		time.Sleep(time.Duration(150*(i+1)) * time.Millisecond)
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	// a file that was never synced may come back empty after a power cut
	if torn := filepath.Join(dir, "space/idle-files-1/file-cluster-3/sub-file-0"); exists(torn) {
		must(t, os.Truncate(torn, 0))
	}
	a, err := open(t, dir).Generate(context.Background(), 1, pois.GenerateOptions{})
	must(t, err)
	b, err := open(t, whole).Generate(context.Background(), 1, pois.GenerateOptions{})
	must(t, err)
	x, err := os.ReadFile(filepath.Join(a.Dir(), "file-roots"))
	must(t, err)
	y, err := os.ReadFile(filepath.Join(b.Dir(), "file-roots"))
	must(t, err)
	if string(x) != string(y) {
		t.Error("the resumed set differs")
	}
	for i := range int64(pois.SetFiles) {
		if _, err := a.CheckFile(i + 1); err != nil {
			t.Error(err)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
