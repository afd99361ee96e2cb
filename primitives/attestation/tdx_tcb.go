package attestation

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-tdx-guest/pcs"
)

// Levels of confidence (spec/pallets-mining.md §3.3).
const (
	upToDate            = 1
	hardeningNeeded     = 2
	configurationNeeded = 3
	advisoryOpen        = 4
	outOfDate           = 5
)

// tolerated are the advisories that leave a platform which needs configuration
// at level 3.
var tolerated = []string{"INTEL-SA-00334", "INTEL-SA-00219", "INTEL-SA-00381", "INTEL-SA-00389"}

// grade is the confidence that a TCB level deserves; a revoked one none.
func grade(level *pcs.TcbLevel) (uint8, error) {
	switch level.TcbStatus {
	case pcs.TcbComponentStatusUpToDate:
		return upToDate, nil
	case pcs.TcbComponentStatusSwHardeningNeeded:
		return hardeningNeeded, nil
	case pcs.TcbComponentStatusConfigurationNeeded, pcs.TcbComponentStatusConfigurationAndSWHardeningNeeded:
		for _, id := range level.AdvisoryIDs {
			if !slices.Contains(tolerated, id) {
				return advisoryOpen, nil
			}
		}
		return configurationNeeded, nil
	case pcs.TcbComponentStatusOutOfDate, pcs.TcbComponentStatusOutOfDateConfigurationNeeded:
		return outOfDate, nil
	}
	return 0, refuse(ErrTCB, "the level is %q", level.TcbStatus)
}

// rateQE matches the quoting enclave with its published identity.
func rateQE(r report, id *pcs.EnclaveIdentity) (uint8, error) {
	if !matchMasked(r.miscSelect(), id.Miscselect.Bytes, id.MiscselectMask.Bytes) ||
		!matchMasked(r.attributes(), id.Attributes.Bytes, id.AttributesMask.Bytes) ||
		!bytes.Equal(r.mrSigner(), id.Mrsigner.Bytes) || r.isvProdID() != id.IsvProdID {
		return 0, refuse(ErrTCB, "the quoting enclave is not Intel's")
	}
	return gradeSvn(id.TcbLevels, uint32(r.isvSvn()), "quoting enclave")
}

// matchMasked says whether value & mask is want.
func matchMasked(value, want, mask []byte) bool {
	if len(want) != len(value) || len(mask) != len(value) {
		return false
	}
	for i := range value {
		if value[i]&mask[i] != want[i] {
			return false
		}
	}
	return true
}

// gradeSvn is the grade of the first level, they descend, that svn reaches.
func gradeSvn(levels []pcs.TcbLevel, svn uint32, what string) (uint8, error) {
	for i := range levels {
		if svn >= levels[i].Tcb.Isvsvn {
			return grade(&levels[i])
		}
	}
	return 0, refuse(ErrTCB, "no level for the %s's version %d", what, svn)
}

// ratePlatform matches the processor, its microcode and the TDX module with
// their published levels (Intel PCS API, "Get TDX TCB Info").
func ratePlatform(b body, platform *pcs.PckExtensions, info *pcs.TcbInfo) (uint8, error) {
	if !strings.EqualFold(platform.FMSPC, info.Fmspc) || !strings.EqualFold(platform.PCEID, info.PceID) {
		return 0, refuse(ErrTCB, "TCB info for %s/%s where %s/%s is due",
			info.Fmspc, info.PceID, platform.FMSPC, platform.PCEID)
	}
	module, err := rateModule(b, info)
	if err != nil {
		return 0, err
	}
	for i := range info.TcbLevels {
		level := &info.TcbLevels[i]
		if reaches(b, platform, &level.Tcb) {
			machine, err := grade(level)
			return max(module, machine), err
		}
	}
	return 0, refuse(ErrTCB, "no level fits the platform's versions")
}

func reaches(b body, platform *pcs.PckExtensions, tcb *pcs.Tcb) bool {
	// Versions of a TDX module that has an identity of its own count there.
	skip := 0
	if moduleVersion(b) > 0 {
		skip = 2
	}
	return platform.TCB.PCESvn >= tcb.Pcesvn &&
		atLeast(platform.TCB.CPUSvnComponents, tcb.SgxTcbcomponents, 0) &&
		atLeast(b.teeTCBSvn(), tcb.TdxTcbcomponents, skip)
}

func atLeast(have []byte, want []pcs.TcbComponent, skip int) bool {
	if len(have) != len(want) {
		return false
	}
	for i := skip; i < len(have); i++ {
		if have[i] < want[i].Svn {
			return false
		}
	}
	return true
}

func moduleVersion(b body) byte { return b.teeTCBSvn()[1] }

// rateModule holds that the TDX module is signed and set up as published and
// grades its version. Modules before version 1 are graded with the platform.
func rateModule(b body, info *pcs.TcbInfo) (uint8, error) {
	signer, attributes, mask := info.TdxModule.Mrsigner, info.TdxModule.Attributes, info.TdxModule.AttributesMask
	confidence := uint8(upToDate)
	if version := moduleVersion(b); version > 0 {
		id := fmt.Sprintf("TDX_%02x", version)
		at := slices.IndexFunc(info.TdxModuleIdentities, func(m pcs.TdxModuleIdentity) bool {
			return strings.EqualFold(m.ID, id)
		})
		if at < 0 {
			return 0, refuse(ErrTCB, "no identity for TDX module %s", id)
		}
		m := &info.TdxModuleIdentities[at]
		signer, attributes, mask = m.Mrsigner, m.Attributes, m.AttributesMask
		var err error
		if confidence, err = gradeSvn(m.TcbLevels, uint32(b.teeTCBSvn()[0]), "TDX module"); err != nil {
			return 0, err
		}
	}
	if !bytes.Equal(b.mrSignerSeam(), signer.Bytes) || !matchMasked(b.seamAttributes(), attributes.Bytes, mask.Bytes) {
		return 0, refuse(ErrTCB, "TDX module of signer %x with attributes %#x",
			b.mrSignerSeam(), binary.LittleEndian.Uint64(b.seamAttributes()))
	}
	return confidence, nil
}
