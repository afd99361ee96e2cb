package chaos

import (
	"encoding/binary"
	"os"
	"time"
)

// controlEnv names the control page's file to a program that Build made.
const controlEnv = "CESS_CHAOS_CONTROL"

// control is the page that a program under test has mapped: what is written to
// the file is what the program sees at once.
type control struct{ path string }

// Offsets in the page; package syscall of the overlay has the same.
const (
	controlClock = 0 // seconds that the wall clock is ahead
	controlSync  = 8 // nanoseconds that fsync and fdatasync take longer
	controlSize  = 16
)

func newControl(path string) (*control, error) {
	return &control{path}, os.WriteFile(path, make([]byte, controlSize), 0o600)
}

func (c *control) set(offset int64, value int64) error {
	f, err := os.OpenFile(c.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	// Aligned and within one page: the program reads the old number or the new.
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(value)), offset)
	return err
}

// setClock moves the program's wall clock to so much ahead of the machine's, in
// whole seconds.
func (c *control) setClock(ahead time.Duration) error {
	return c.set(controlClock, int64(ahead/time.Second))
}

// setSync makes every fsync take so much longer.
func (c *control) setSync(longer time.Duration) error { return c.set(controlSync, int64(longer)) }
