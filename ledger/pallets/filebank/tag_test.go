package filebank_test

import (
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/palletstest"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/pallets/storagehandler"
	"github.com/gocess/gocess/ledger/pallets/teeworker"
	"github.com/gocess/gocess/ledger/runtime"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

func filled[T ~[]byte](b T, with byte) {
	for i := range b {
		b[i] = with
	}
}

// The payloads of spec/podr2-tee.md §7 and spec/pallets-storage.md §14, byte by
// byte.
func TestPayloadVectors(t *testing.T) {
	var miner account
	var tee types.WorkerPublicKey
	filled(miner[:], 1)
	filled(tee[:], 2)
	file := hash([]byte(strings.Repeat("0123456789abcdef", 4)))
	report := filebank.TagSigInfo{
		Miner: miner, FileHash: file,
		Digest: []filebank.DigestInfo{{Fragment: hash([]byte(strings.Repeat("fedcba9876543210", 4))), TEEPuk: tee}},
	}
	check := func(what string, got [32]byte, want string) {
		t.Helper()
		if hex.EncodeToString(got[:]) != want {
			t.Errorf("payload of %s is %x, want %s", what, got, want)
		}
	}
	mustEqual(t, "size of a report", len(scale.MustMarshal(report)), 193)
	check("a report", report.Payload(), "d8e1be01d18969bc7077d2c551f044f8f523197a8fa698c3eb69bcfb60399859")
	report.Digest[0].Fragment = hash([]byte("89eb56e61a9c62863d78c03161b757286e2d334f7102de462209bb7895963678"))
	report.FileHash = hash([]byte(strings.Repeat("ab", 32)))
	check("another report", report.Payload(), "13a3f4be46e96b686b630fa55f127c4bb3ed3c70478d1363871271506e59002a")

	info := types.SpaceProofInfo{Miner: miner, Front: 3, Rear: 256}
	filled(info.PoISKey.G[:], 0x0a)
	filled(info.PoISKey.N[:], 0x0b)
	filled(info.Accumulator[:], 0x0c)
	check("idle space", filebank.IdleSpacePayload(info, tee), "6cf17435d914cdbef6ad60fed0244becf17d5de2f6dfb08a7aed7e62481ecead")
}

// newTagWorld is a chain with a stored file that has no tags.
func newTagWorld(t palletstest.TB, segments int) (*world, data) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 100)
	d := newData("a", segments)
	w.store(alice, "t", d)
	return w, d
}

func TestCalculateReport(t *testing.T) {
	w, d := newTagWorld(t, 3)
	call := tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE)
	call.TagSigInfo.Digest[1].TEEPuk = markerTEE // which has no validator
	w.Must(w.miners[0], signedReport(call.TagSigInfo))
	mustEqual(t, "event", palletstest.EventsOf[filebank.CalculateReportEvent](w.Chain)[0],
		filebank.CalculateReportEvent{Miner: w.miners[0], FileHash: d.fid})
	for _, s := range w.file(d).SegmentList {
		for j, frag := range s.FragmentList {
			tag, ok := frag.Tag.Get()
			if ok != (j == 0) || ok && tag != w.Number() {
				t.Errorf("tag of fragment %d is %v, %d", j, ok, tag)
			}
		}
	}
	m := w.miner(0)
	mustEqual(t, "lock", m.LockSpace, scale.U128{})
	mustEqual(t, "service space", m.ServiceSpace, d.column())
	mustEqual(t, "credit", w.points(fullStash), 180) // 16 MiB of the first and the third fragment
	for _, tee := range []types.WorkerPublicKey{fullTEE, markerTEE} {
		mustEqual(t, "last work", teeworker.LastWork.Get(w.Ctx(), tee), w.Number())
	}
	mustEqual(t, "last work of another", teeworker.LastWork.Get(w.Ctx(), secondTEE), 0)
	w.audit()

	// A signature of a former master key is as good.
	next := tagReport(w.Ctx(), w.miners[1], d.fid, secondTEE)
	next.TEESig = sign(oldMaster, next.TagSigInfo.Payload())
	w.Must(w.miners[1], next)
	mustEqual(t, "credit of the second worker", w.points(secondStash), 360) // 24 MiB
	w.audit()
}

func TestReportSignatureAndRoles(t *testing.T) {
	w, d := newTagWorld(t, 2)
	good := tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE)
	with := func(change func(*filebank.TagSigInfo)) filebank.CalculateReport {
		info := good.TagSigInfo
		info.Digest = append(info.Digest[:0:0], info.Digest...)
		change(&info)
		return signedReport(info)
	}
	stale := with(func(*filebank.TagSigInfo) {})
	stale.TagSigInfo.FileHash = hashOf("another")
	for _, c := range []struct {
		name string
		who  account
		call filebank.CalculateReport
		want error
	}{
		{"short signature", w.miners[0], filebank.CalculateReport{TEESig: good.TEESig[:63], TagSigInfo: good.TagSigInfo}, filebank.ErrMalformedSignature},
		{"no signature", w.miners[0], filebank.CalculateReport{TagSigInfo: good.TagSigInfo}, filebank.ErrMalformedSignature},
		{"signature by nobody", w.miners[0], filebank.CalculateReport{TEESig: make([]byte, 64), TagSigInfo: good.TagSigInfo}, filebank.ErrVerifyTEESigFailed},
		{"signature of a stranger", w.miners[0], filebank.CalculateReport{TEESig: sign(pair("//Eve"), good.TagSigInfo.Payload()), TagSigInfo: good.TagSigInfo}, filebank.ErrVerifyTEESigFailed},
		{"signature for another file", w.miners[0], stale, filebank.ErrVerifyTEESigFailed},
		{"report of another miner", w.miners[1], good, filebank.ErrMiner},
		{"no such file", w.miners[0], with(func(i *filebank.TagSigInfo) { i.FileHash = hashOf("none") }), filebank.ErrNonExistent},
		{"fragment left out", w.miners[0], with(func(i *filebank.TagSigInfo) { i.Digest = i.Digest[:1] }), filebank.ErrDigest},
		{"other fragment instead", w.miners[0], with(func(i *filebank.TagSigInfo) { i.Digest[1].Fragment = hashOf("none") }), filebank.ErrDigest},
		{"no fragments", w.miners[0], with(func(i *filebank.TagSigInfo) { i.Digest = nil }), filebank.ErrDigest},
		{"verifier as tagger", w.miners[0], with(func(i *filebank.TagSigInfo) { i.Digest[1].TEEPuk = verifierTEE }), filebank.ErrTEENoPermission},
		{"unknown tagger", w.miners[0], with(func(i *filebank.TagSigInfo) { i.Digest[0].TEEPuk = strangerTEE }), filebank.ErrTEENoPermission},
	} {
		if got := w.Run(c.who, c.call); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if err := w.Root(good); !errors.Is(err, runtime.ErrBadOrigin) {
		t.Errorf("root reports: %v", err)
	}
	w.do(func(ctx *runtime.Context) { teeworker.MasterKeyStatus.Put(ctx, teeworker.NotLaunched{}) })
	w.wants(filebank.ErrVerifyTEESigFailed, w.miners[0], good)
	mustEqual(t, "credit for nothing", w.points(fullStash), 0)
	w.audit()
}

// Upstream counts fragments and entries in a byte: a miner of a file with 256
// segments and more cannot report, or its worker loses credit.
func TestB14ManyFragments(t *testing.T) {
	w, d := newTagWorld(t, 300)
	w.Must(w.miners[0], tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE))
	mustEqual(t, "service space", w.miner(0).ServiceSpace, d.column())
	mustEqual(t, "credit", w.points(fullStash), 300/2*180)
	w.audit()
}

// Upstream credits a report as often as it is sent, and all that is in it.
func TestB15ReplayEarnsNothing(t *testing.T) {
	w, d := newTagWorld(t, 2)
	report := tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE)
	w.Must(w.miners[0], report)
	points := w.points(fullStash)
	first := w.Number()
	for range 3 {
		w.Must(w.miners[0], report)
	}
	mustEqual(t, "credit after the replays", w.points(fullStash), points)
	mustEqual(t, "last work after the replays", teeworker.LastWork.Get(w.Ctx(), fullTEE), first)
	mustEqual(t, "service space", w.miner(0).ServiceSpace, d.column())

	// Entries for other fragments, and further ones for the same, count for
	// nothing; the first worker of a fragment is the one that is credited. So
	// that they need not be the entries of workers in service.
	padded := tagReport(w.Ctx(), w.miners[1], d.fid, secondTEE).TagSigInfo
	for i := range 50 {
		padded.Digest = append(padded.Digest,
			filebank.DigestInfo{Fragment: padded.Digest[0].Fragment, TEEPuk: fullTEE},
			filebank.DigestInfo{Fragment: hashOf("fragment %d of nobody", i), TEEPuk: fullTEE},
			filebank.DigestInfo{Fragment: d.segments[0].FragmentList[0], TEEPuk: strangerTEE})
	}
	w.Must(w.miners[1], signedReport(padded))
	mustEqual(t, "credit of the padding worker", w.points(fullStash), points)
	mustEqual(t, "credit of the tagging worker", w.points(secondStash), 180)
	w.audit()
}

// Upstream wants an entry for each of several equal fragments, which a miner
// that keeps one of them cannot have. One is enough, and earns once.
func TestB15EqualSegmentsNeedOneTag(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 2)
	d := newData("a", 4)
	for i := range d.segments {
		d.segments[i] = d.segments[0]
	}
	d.name()
	w.store(alice, "t", d)
	info := tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE).TagSigInfo
	info.Digest = info.Digest[:1]
	w.Must(w.miners[0], signedReport(info))
	mustEqual(t, "service space", w.miner(0).ServiceSpace, d.column())
	mustEqual(t, "credit", w.points(fullStash), 180)
	w.Must(w.miners[1], tagReport(w.Ctx(), w.miners[1], d.fid, secondTEE))
	mustEqual(t, "credit for four entries", w.points(secondStash), 360)
	w.audit()
	w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
	w.audit()
}

// A miner cannot show the tag of what it lost; the rest of its report counts.
func TestReportLeavesOutLostFragments(t *testing.T) {
	w, d := newTagWorld(t, 2)
	whole := tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE)
	lost := w.lose(d, 1, 0)
	w.Must(w.miners[0], tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE))
	mustEqual(t, "service space", w.miner(0).ServiceSpace, oneFragment)
	w.Must(w.miners[0], whole)
	mustEqual(t, "service space", w.miner(0).ServiceSpace, oneFragment)
	w.audit()
	// Its next holder reports it, along with tags from before.
	w.claim(12, lost)
	w.complete(12, lost)
	w.Must(w.miners[12], tagReport(w.Ctx(), w.miners[12], d.fid, secondTEE))
	mustEqual(t, "service space of the next holder", w.miner(12).ServiceSpace, oneFragment)
	w.audit()
}

// What a miner that left reports is for nobody to check.
func TestLeaversReportNothing(t *testing.T) {
	w, d := newTagWorld(t, 1)
	report := tagReport(w.Ctx(), w.miners[0], d.fid, fullTEE)
	w.leave(0)
	w.wants(filebank.ErrMinerState, w.miners[0], report)
	w.audit()
}

// A file that came, was tagged and went leaves nothing behind but less idle
// space and idle files to be replaced (spec/pallets-storage.md §11, 17).
func TestFileLeavesNoTrace(t *testing.T) {
	w := newWorld(t, nil)
	w.mint(alice, "t", 1)
	leased, idle := w.territory(alice, "t"), storagehandler.TotalIdleSpace.Get(w.Ctx())
	var before []sminer.Miner
	for i := range w.miners {
		before = append(before, w.miner(i))
	}
	d := newData("a", 3)
	w.store(alice, "t", d)
	for i := range 12 {
		w.tagAll(d, i)
	}
	w.wants(nil, alice, filebank.DeleteFile{Owner: alice, FileHash: d.fid})
	mustEqual(t, "territory", w.territory(alice, "t"), leased)
	mustEqual(t, "service space", storagehandler.TotalServiceSpace.Get(w.Ctx()), scale.U128{})
	mustEqual(t, "idle space", storagehandler.TotalIdleSpace.Get(w.Ctx()), idle.SaturatingSub(d.footprint()))
	for i, was := range before {
		pending := scale.U128{}
		if i < 12 {
			was.IdleSpace = was.IdleSpace.SaturatingSub(d.column())
			pending = d.column()
		}
		mustEqual(t, "pending", sminer.PendingReplacements.Get(w.Ctx(), w.miners[i]), pending)
		if got := w.miner(i); !reflect.DeepEqual(got, was) {
			t.Errorf("miner %d is %+v, was %+v", i, got, was)
		}
	}
	w.audit()
}
