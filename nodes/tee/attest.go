package tee

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/go-sev-guest/abi"

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
	folder string
	kind   string
	// Endorsement is the certificate of a SEV-SNP machine's key, DER, for hosts
	// that do not pass it on. Default what the host passes.
	Endorsement []byte

	mu sync.Mutex // one report at a time
}

// OpenTSM finds the kernel's interface; kind is tdx, sev-snp, or auto for
// whichever the machine has.
func OpenTSM(kind string) (*TSM, error) { return openTSM(tsmFolder, kind) }

func openTSM(folder, kind string) (*TSM, error) {
	if _, err := os.Stat(folder); err != nil {
		return nil, fmt.Errorf("no confidential machine: %w", err)
	}
	t := &TSM{folder: folder, kind: kind}
	provider, _, _, err := t.read([64]byte{})
	if err != nil {
		return nil, err
	}
	found := providers[provider]
	switch {
	case found == "":
		return nil, fmt.Errorf("the kernel reports an unknown kind of machine, %q", provider)
	case kind != "auto" && kind != found:
		return nil, fmt.Errorf("this machine is %s, not %s", found, kind)
	}
	t.kind = found
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
	provider, out, aux, err := t.read(data)
	if err != nil {
		return nil, err
	}
	switch providers[provider] {
	case "tdx":
		return attestation.TDXQuote{Quote: out}, nil
	case "sev-snp":
		key, err := t.endorsement(aux)
		return attestation.SNPReport{Report: out, Endorsement: key}, err
	}
	return nil, fmt.Errorf("the kernel reports an unknown kind of machine, %q", provider)
}

// endorsement finds the certificate of the signing key in the table that the
// host passes on (AMD 56421, §4.1.8).
func (t *TSM) endorsement(aux []byte) ([]byte, error) {
	if len(t.Endorsement) > 0 {
		return t.Endorsement, nil
	}
	table := new(abi.CertTable)
	if err := table.Unmarshal(aux); err != nil {
		return nil, fmt.Errorf("certificates of the host: %w", err)
	}
	for _, guid := range []string{abi.VcekGUID, abi.VlekGUID} {
		if cert, err := table.GetByGUIDString(guid); err == nil && len(cert) > 0 {
			return cert, nil
		}
	}
	return nil, errors.New("the host passes no certificate of the machine's key; give it in a file")
}

// read makes one report. The generation counts writes: if anybody else wrote
// to the folder meanwhile, the report may be about other data.
func (t *TSM) read(data [64]byte) (provider string, out, aux []byte, err error) {
	dir, err := os.MkdirTemp(t.folder, "cess-")
	if err != nil {
		return "", nil, nil, fmt.Errorf("ask for evidence: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(dir)) }()
	before, err := t.attribute(dir, "generation")
	if err != nil {
		return "", nil, nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "inblob"), data[:], 0o200); err != nil {
		return "", nil, nil, fmt.Errorf("ask for evidence: %w", err)
	}
	if out, err = t.attribute(dir, "outblob"); err != nil {
		return "", nil, nil, err
	}
	if aux, err = t.attribute(dir, "auxblob"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", nil, nil, err
	}
	name, err := t.attribute(dir, "provider")
	if err != nil {
		return "", nil, nil, err
	}
	after, err := t.attribute(dir, "generation")
	if err != nil {
		return "", nil, nil, err
	}
	if !oneLater(before, after) {
		return "", nil, nil, fmt.Errorf("ask for evidence: somebody else did at the same time (generation %q, then %q)", before, after)
	}
	return strings.TrimSpace(string(name)), out, aux, nil
}

func (t *TSM) attribute(dir, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("ask for evidence: %w", err)
	}
	if len(b) > maxReport {
		return nil, fmt.Errorf("ask for evidence: %s of %d bytes", name, len(b))
	}
	return b, nil
}

// oneLater compares two decimal counters.
func oneLater(before, after []byte) bool {
	var a, b uint64
	if _, err := fmt.Fscan(bytes.NewReader(before), &a); err != nil {
		return false
	}
	if _, err := fmt.Fscan(bytes.NewReader(after), &b); err != nil {
		return false
	}
	return b == a+1
}
