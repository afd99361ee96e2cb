package tee

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/uuid"

	"github.com/gocess/gocess/ledger/pallets/attestation"
)

// Attester makes evidence of what runs on this machine.
type Attester interface {
	// Kind is none, tdx or sev-snp.
	Kind() string
	// Report is evidence that names the 64 bytes; nil if there is none. It may
	// take seconds.
	Report(ctx context.Context, data [64]byte) (attestation.Report, error)
}

// NoAttestation makes no evidence. Only development chains accept it.
type NoAttestation struct{}

// Kind is none.
func (NoAttestation) Kind() string { return "none" }

// Report is nil.
func (NoAttestation) Report(context.Context, [64]byte) (attestation.Report, error) { return nil, nil }

// tsmFolder is where Linux, from 6.7 on, makes reports of confidential
// machines, the same way for all vendors.
const tsmFolder = "/sys/kernel/config/tsm/report"

// maxReport bounds what the kernel hands out, in bytes; it has its own limits.
const maxReport = 64 << 10

// TSM makes evidence through the kernel's configfs interface: write the report
// data into a fresh folder's inblob and read its outblob
// (Documentation/ABI/testing/configfs-tsm).
type TSM struct {
	fs   configfs
	kind string
	// Endorsement is the certificate of a SEV-SNP machine's key, DER, for hosts
	// that do not pass it on. Default what the host passes.
	Endorsement []byte

	mu sync.Mutex // one report at a time
}

// configfs is the kernel's folder of reports. Making a folder in it makes its
// attributes, which are files; removing it removes them.
type configfs interface {
	Mkdir() (dir string, err error)
	Remove(dir string) error
	Write(dir, attribute string, b []byte) error
	Read(dir, attribute string) ([]byte, error)
}

// OpenTSM finds the kernel's interface; kind is tdx, sev-snp, or auto for
// whichever the machine has.
func OpenTSM(kind string) (*TSM, error) {
	if _, err := os.Stat(tsmFolder); err != nil {
		return nil, fmt.Errorf("no confidential machine: %w", err)
	}
	return openTSM(kernelFS(tsmFolder), kind)
}

func openTSM(fs configfs, kind string) (*TSM, error) {
	t := &TSM{fs: fs}
	r, err := t.read([64]byte{})
	if err != nil {
		return nil, err
	}
	t.kind = providers[r.provider]
	switch {
	case t.kind == "":
		return nil, fmt.Errorf("the kernel reports an unknown kind of machine, %q", r.provider)
	case kind != "auto" && kind != t.kind:
		return nil, fmt.Errorf("this machine is %s, not %s", t.kind, kind)
	}
	return t, nil
}

// providers are the kernel's names.
var providers = map[string]string{"tdx_guest": "tdx", "sev_guest": "sev-snp"}

// Kind is tdx or sev-snp.
func (t *TSM) Kind() string { return t.kind }

// Report asks the machine.
func (t *TSM) Report(ctx context.Context, data [64]byte) (attestation.Report, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r, err := t.read(data)
	if err != nil {
		return nil, err
	}
	switch providers[r.provider] {
	case "tdx":
		return attestation.TDXQuote{Quote: r.out}, nil
	case "sev-snp":
		key, err := t.endorsement(r.aux)
		if err != nil {
			return nil, err
		}
		return attestation.SNPReport{Report: r.out, Endorsement: key}, nil
	}
	return nil, fmt.Errorf("the kernel reports an unknown kind of machine, %q", r.provider)
}

// endorsement finds the certificate of the signing key in the table that the
// host passes on (AMD 56421, §4.1.8).
func (t *TSM) endorsement(aux []byte) ([]byte, error) {
	if len(t.Endorsement) > 0 {
		return t.Endorsement, nil
	}
	for rest := aux; len(rest) >= abi.CertTableEntrySize; rest = rest[abi.CertTableEntrySize:] {
		var e abi.CertTableHeaderEntry
		if err := e.Unmarshal(rest); err != nil {
			return nil, fmt.Errorf("certificates of the host: %w", err)
		}
		if e.GUID == (uuid.UUID{}) {
			break // end of the table
		}
		if id := e.GUID.String(); id != abi.VcekGUID && id != abi.VlekGUID {
			continue
		}
		// The library's own reader of whole tables panics if this sum overflows.
		if from, to := uint64(e.Offset), uint64(e.Offset)+uint64(e.Length); e.Length > 0 && to <= uint64(len(aux)) {
			return aux[from:to], nil
		}
	}
	return nil, errors.New("the host passes no certificate of the machine's key; give it in a file")
}

// rawReport is what the kernel hands out.
type rawReport struct {
	provider string
	out, aux []byte
}

// read makes one report. The generation counts writes: if anybody else wrote
// to the folder meanwhile, the report may be about other data.
func (t *TSM) read(data [64]byte) (r rawReport, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("ask the machine for evidence: %w", err)
		}
	}()
	dir, err := t.fs.Mkdir()
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, t.fs.Remove(dir)) }()
	before, err := t.fs.Read(dir, "generation")
	if err != nil {
		return r, err
	}
	if err := t.fs.Write(dir, "inblob", data[:]); err != nil {
		return r, err
	}
	if r.out, err = t.fs.Read(dir, "outblob"); err != nil {
		return r, err
	}
	if r.aux, err = t.fs.Read(dir, "auxblob"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return r, err
	}
	name, err := t.fs.Read(dir, "provider")
	if err != nil {
		return r, err
	}
	after, err := t.fs.Read(dir, "generation")
	if err != nil {
		return r, err
	}
	if !oneLater(before, after) {
		return r, fmt.Errorf("somebody else did at the same time (generation %q, then %q)", before, after)
	}
	r.provider = strings.TrimSpace(string(name))
	return r, nil
}

// oneLater compares two decimal counters.
func oneLater(before, after []byte) bool {
	a, errA := strconv.ParseUint(strings.TrimSpace(string(before)), 10, 63)
	b, errB := strconv.ParseUint(strings.TrimSpace(string(after)), 10, 63)
	return errA == nil && errB == nil && b == a+1
}

// kernelFS is the real configfs.
type kernelFS string

func (fs kernelFS) Mkdir() (string, error)  { return os.MkdirTemp(string(fs), "cess-") }
func (fs kernelFS) Remove(dir string) error { return os.Remove(dir) }

func (fs kernelFS) Write(dir, attribute string, b []byte) error {
	return os.WriteFile(filepath.Join(dir, attribute), b, 0o200)
}

func (fs kernelFS) Read(dir, attribute string) ([]byte, error) {
	f, err := os.Open(filepath.Join(dir, attribute))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxReport+1))
	if err == nil && len(b) > maxReport {
		err = fmt.Errorf("%s is longer than %d bytes", attribute, maxReport)
	}
	return b, err
}
