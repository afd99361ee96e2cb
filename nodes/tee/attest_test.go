package tee

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/uuid"

	"github.com/gocess/gocess/ledger/pallets/attestation"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
)

// machine is the kernel of a confidential machine, as its documentation
// describes it: this computer is none.
type machine struct {
	provider   string
	generation int
	aux        []byte
	noise      int // writes of others between ours
	inblob     []byte
	dirs       int
	broken     string // attribute that cannot be read
}

var errBroken = errors.New("input/output error")

func (m *machine) Mkdir() (string, error) { m.dirs++; return "dir", nil }
func (m *machine) Remove(string) error    { m.dirs--; return nil }

func (m *machine) Write(_, attribute string, b []byte) error {
	if attribute != "inblob" {
		return os.ErrPermission
	}
	m.inblob, m.generation = bytes.Clone(b), m.generation+1+m.noise
	return nil
}

func (m *machine) Read(_, attribute string) ([]byte, error) {
	if attribute == m.broken {
		return nil, errBroken
	}
	switch attribute {
	case "generation":
		return []byte(strconv.Itoa(m.generation) + "\n"), nil
	case "provider":
		return []byte(m.provider + "\n"), nil
	case "outblob":
		return append([]byte("evidence about "), m.inblob...), nil
	case "auxblob":
		if m.aux == nil {
			return nil, os.ErrNotExist
		}
		return m.aux, nil
	}
	return nil, os.ErrNotExist
}

// hostTable is a table of certificates as hosts pass it.
func hostTable(t *testing.T, guid string, cert []byte) []byte {
	t.Helper()
	id, err := uuid.Parse(guid)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 48)
	header := abi.CertTableHeaderEntry{GUID: id, Offset: 48, Length: uint32(len(cert))}
	if err := header.Write(b); err != nil {
		t.Fatal(err)
	}
	return append(b, cert...)
}

func TestEvidenceOfMachines(t *testing.T) {
	data := [64]byte{1, 2, 3}
	want := append([]byte("evidence about "), data[:]...)
	for _, m := range []*machine{{provider: "tdx_guest", generation: 7}, {provider: "sev_guest", aux: hostTable(t, abi.VcekGUID, []byte("key"))}, {provider: "sev_guest", aux: hostTable(t, abi.VlekGUID, []byte("key"))}} {
		tsm, err := openTSM(m, "auto")
		if err != nil {
			t.Fatal(err)
		}
		r, err := tsm.Report(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		switch r := r.(type) {
		case attestation.TDXQuote:
			if tsm.Kind() != "tdx" || !bytes.Equal(r.Quote, want) {
				t.Errorf("%s: %q", tsm.Kind(), r.Quote)
			}
		case attestation.SNPReport:
			if tsm.Kind() != "sev-snp" || !bytes.Equal(r.Report, want) || string(r.Endorsement) != "key" {
				t.Errorf("%s: %+v", tsm.Kind(), r)
			}
		}
		if m.dirs != 0 {
			t.Errorf("%d folders are left", m.dirs)
		}
	}
	tsm, err := openTSM(&machine{provider: "sev_guest"}, "sev-snp")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tsm.Report(t.Context(), data); err == nil {
		t.Error("a report without the key's certificate")
	}
	tsm.Endorsement = []byte("from a file")
	if r, err := tsm.Report(t.Context(), data); err != nil || string(r.(attestation.SNPReport).Endorsement) != "from a file" {
		t.Error(r, err)
	}
}

func TestEvidenceIsRefused(t *testing.T) {
	for name, m := range map[string]*machine{
		"an unknown machine": {provider: "arm_cca_guest"}, "somebody else asks": {provider: "tdx_guest", noise: 1},
		"no report": {provider: "tdx_guest", broken: "outblob"}, "no kind": {provider: "tdx_guest", broken: "provider"},
		"no counter": {provider: "tdx_guest", broken: "generation"}, "a broken table": {provider: "tdx_guest", broken: "auxblob"},
	} {
		if _, err := openTSM(m, "auto"); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if m.dirs != 0 {
			t.Errorf("%s: %d folders are left", name, m.dirs)
		}
	}
	if _, err := openTSM(&machine{provider: "tdx_guest"}, "sev-snp"); err == nil {
		t.Error("another machine than the operator says")
	}
	if _, err := OpenTSM("auto"); err == nil {
		t.Skip("this is a confidential machine")
	}
}

func TestReportDataBindRegistrationAndBlock(t *testing.T) {
	info := teeworker.WorkerRegistrationInfo{Endpoint: "http://a:1"}
	a := reportData(info, [32]byte{5})
	info.Endpoint = "http://a:2"
	b, c := reportData(info, [32]byte{5}), reportData(info, [32]byte{6})
	if a == b || b == c || !bytes.Equal(b[:32], c[:32]) || c[32] != 6 {
		t.Errorf("%x\n%x\n%x", a, b, c)
	}
}

func FuzzHostTable(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 24))
	overflow := make([]byte, 48)
	if err := (&abi.CertTableHeaderEntry{GUID: uuid.MustParse(abi.VcekGUID), Offset: 0xfffffff0, Length: 0x20}).Write(overflow); err != nil {
		f.Fatal(err)
	}
	f.Add(overflow)
	f.Fuzz(func(t *testing.T, aux []byte) {
		if cert, err := new(TSM).endorsement(aux); err == nil && (len(cert) == 0 || len(cert) > len(aux)) {
			t.Fatalf("a certificate of %d bytes from %d", len(cert), len(aux))
		}
	})
}
