package attestationtest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gocess/gocess/primitives/attestation"
)

// Rating is what the certification service says of a platform that has at
// least the test platform's versions.
type Rating struct {
	Status     string // of the platform; UpToDate unless set
	Advisories []string
	QEStatus   string            // of the quoting enclave; UpToDate unless set
	QESvn      int               // QESvn unless set
	TDXSvn     [16]byte          // the TDX components that the level needs
	PCESvn     int               // PCESvn unless set
	Modules    map[string]string // TDX_01 and so on → status
	Fmspc      string            // FMSPC unless set
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

type object = map[string]any

// TCBInfo is the body of TCB information that is good for 30 days.
func (r Rating) TCBInfo(issued time.Time) []byte {
	components := func(svn func(i int) int) (list []object) {
		for i := range 16 {
			list = append(list, object{"svn": svn(i)})
		}
		return list
	}
	pce := r.PCESvn
	if pce == 0 {
		pce = PCESvn
	}
	level := object{
		"tcb": object{
			"sgxtcbcomponents": components(func(int) int { return CPUSvn }),
			"tdxtcbcomponents": components(func(i int) int { return int(r.TDXSvn[i]) }),
			"pcesvn":           pce,
		},
		"tcbDate": date(issued), "tcbStatus": orElse(r.Status, "UpToDate"), "advisoryIDs": r.Advisories,
	}
	module := object{"mrsigner": zeros(48), "attributes": zeros(8), "attributesMask": ones(8)}
	var identities []object
	for id, status := range r.Modules {
		identities = append(identities, object{
			"id": id, "mrsigner": zeros(48), "attributes": zeros(8), "attributesMask": ones(8),
			"tcbLevels": []object{{"tcb": object{"isvsvn": 2}, "tcbDate": date(issued), "tcbStatus": status}},
		})
	}
	return encode(object{
		"id": "TDX", "version": 3, "issueDate": date(issued), "nextUpdate": date(issued.Add(30 * 24 * time.Hour)),
		"fmspc": orElse(r.Fmspc, hex.EncodeToString(FMSPC[:])), "pceId": "0000", "tcbType": 0,
		"tcbEvaluationDataNumber": 15, "tdxModule": module, "tdxModuleIdentities": identities,
		"tcbLevels": []object{level},
	})
}

// QEIdentity is the body of the quoting enclave's identity.
func (r Rating) QEIdentity(issued time.Time) []byte {
	svn := r.QESvn
	if svn == 0 {
		svn = QESvn
	}
	return encode(object{
		"id": "TD_QE", "version": 2, "issueDate": date(issued), "nextUpdate": date(issued.Add(30 * 24 * time.Hour)),
		"tcbEvaluationDataNumber": 15, "miscselect": zeros(4), "miscselectMask": ones(4),
		"attributes": "11" + zeros(15), "attributesMask": "fb" + ones(7) + zeros(8),
		"mrsigner": hex.EncodeToString(mrSigner()), "isvprodid": 2,
		"tcbLevels": []object{{
			"tcb": object{"isvsvn": svn}, "tcbDate": date(issued), "tcbStatus": orElse(r.QEStatus, "UpToDate"),
		}},
	})
}

// Collateral is all that goes with a quote.
func (v *Intel) Collateral(r Rating, issued time.Time) attestation.TDXCollateral {
	return attestation.TDXCollateral{
		TCBInfo: v.Sign(r.TCBInfo(issued)), QEIdentity: v.Sign(r.QEIdentity(issued)),
		PCKCRL: v.PCKCRL(issued), RootCRL: v.RootCRL(issued),
	}
}

func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func zeros(n int) string { return fmt.Sprintf("%0*d", 2*n, 0) }

func ones(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 0xff
	}
	return hex.EncodeToString(b)
}

func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return body
}
