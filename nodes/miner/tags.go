package miner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/gocess/gocess/ledger/pallets/filebank"
	"github.com/gocess/gocess/ledger/pallets/podr2"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/nodes/miner/tees"
	"github.com/gocess/gocess/sdk"
	"github.com/gocess/gocess/sdk/tee"
	podr2proof "github.com/gocess/gocess/storage/podr2"
)

func bytesReader(b []byte) io.ReaderAt { return bytes.NewReader(b) }

// tagRecord is the report of a file that is being put together: the fragments
// tagged so far, in order, and the last worker's signature over them.
type tagRecord struct {
	Digests   []tagDigest `json:"digests"`
	Signature []byte      `json:"signature"`
}

type tagDigest struct {
	Fragment types.Hash            `json:"fragment"`
	Worker   types.WorkerPublicKey `json:"worker"`
}

func (r *tagRecord) has(fragment types.Hash) bool {
	for _, d := range r.Digests {
		if d.Fragment == fragment {
			return true
		}
	}
	return false
}

func (r *tagRecord) digests() []tee.Digest {
	out := make([]tee.Digest, len(r.Digests))
	for i, d := range r.Digests {
		out[i] = tee.Digest{Fragment: d.Fragment, TEE: d.Worker}
	}
	return out
}

const tagRecordPrefix = "tags-"

func tagRecordName(fid types.Hash) string { return tagRecordPrefix + fid.String() }

// tagFiles gets tags for all kept fragments that have none, and reports them.
func (m *Miner) tagFiles(ctx context.Context, p *jobs.Progress) error {
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	if !l.found {
		return jobs.Waitf("the account is not registered as a miner")
	}
	fids, err := m.store.Kept()
	if err != nil {
		return err
	}
	if len(fids) == 0 {
		return jobs.Waitf("there are no fragments to tag")
	}
	if c := l.challenge; c != nil && !settledService(c) {
		// Another key's tags must not replace those that the challenge needs.
		current, err := sdk.Get(ctx, l.at, podr2.TaggerKeyID)
		if err != nil {
			return err
		}
		if frozen, ok, err := sdk.Find(ctx, l.at, podr2.Frozen, m.account); err != nil || ok && frozen.Key.Or(current) != current {
			return errors.Join(err, jobs.Waitf("the challenge of block %d needs the tags of the former key", c.Element.Start))
		}
	}
	srs, err := m.tagKey(ctx, l)
	if err != nil {
		return err
	}
	files, err := sdk.FindMany(ctx, l.at, filebank.Files, fids)
	if err != nil {
		return err
	}
	var errs []error
	for _, fid := range fids {
		file, ok := files[fid]
		if !ok {
			continue
		}
		if err := m.tagFile(ctx, p, l, srs, fid, file); err != nil {
			if ctx.Err() != nil || errors.Is(err, tees.ErrNone) || errors.Is(err, tees.ErrAllFailed) {
				return err // it would be the same with the next file
			}
			errs = append(errs, fmt.Errorf("file %v: %w", fid, err))
		}
	}
	return errors.Join(errs...)
}

// errNoTagKey is why there are no tags of version 2.
var errNoTagKey = jobs.Waitf("the chain has no tag key yet")

// tagKey is the network's tag key with the powers for proofs. It is asked of
// TEE workers once and kept.
func (m *Miner) tagKey(ctx context.Context, l *look) (*podr2proof.SRS, error) {
	id, err := sdk.Get(ctx, l.at, podr2.TaggerKeyID)
	if err != nil {
		return nil, fmt.Errorf("read the tag key: %w", err)
	}
	if id == (podr2.KeyID{}) {
		return nil, errNoTagKey
	}
	return m.keyNamed(ctx, l, id)
}

// keyNamed is the tag key of that name.
func (m *Miner) keyNamed(ctx context.Context, l *look, id podr2proof.KeyID) (*podr2proof.SRS, error) {
	if srs, ok := m.keys.get(id); ok {
		return srs, nil
	}
	var srs *podr2proof.SRS
	err := m.tees.Do(ctx, l.chain, tees.Mark, func(ctx context.Context, w *tees.Worker) error {
		ctx, cancel := context.WithTimeout(ctx, keyTimeout)
		defer cancel()
		public, powers, err := w.TaggerKey(ctx)
		if err != nil {
			return err
		}
		got, err := parseSRS(public, powers)
		if err == nil && got.Key().ID() != id {
			err = fmt.Errorf("the worker has the tag key %v, the chain %v", got.Key().ID(), id)
		}
		srs = got
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("get the tag key: %w", err)
	}
	return srs, m.keys.set(srs)
}

// tagFile brings one file in order: every fragment of the miner gets tags, and
// those that the chain does not count yet are reported together.
func (m *Miner) tagFile(ctx context.Context, p *jobs.Progress, l *look, srs *podr2proof.SRS, fid types.Hash, file filebank.File) error {
	report := make(map[types.Hash]bool) // waits for the report
	var order []types.Hash
	for _, s := range file.SegmentList {
		for _, f := range s.FragmentList {
			if f.Miner != m.account || !m.store.HasKept(fid, f.Hash) {
				continue
			}
			if _, seen := report[f.Hash]; !seen {
				order = append(order, f.Hash)
			}
			report[f.Hash] = report[f.Hash] || f.Tag.IsNone() && f.Avail
		}
	}
	rec := new(tagRecord)
	found, err := m.journal.load(tagRecordName(fid), rec)
	if err != nil {
		return err
	}
	waiting := false
	for _, fragment := range order {
		switch {
		case report[fragment]:
			waiting = true
			if rec.has(fragment) && m.store.tagged(fid, fragment, srs.Key().ID()) {
				continue
			}
			err = m.tagAndNote(ctx, p, l, srs, fid, fragment, rec)
		case m.store.tagged(fid, fragment, srs.Key().ID()):
			err = m.cheat.tagged(m.store, fid, fragment)
		default:
			// Restored, or the tags were lost: nothing is to be reported.
			p.Doing("getting tags of fragment %.8s…", fragment)
			_, _, err = m.tag(ctx, l, srs, fid, fragment, nil)
		}
		if err != nil {
			return err
		}
	}
	if !waiting {
		if found {
			return m.journal.drop(tagRecordName(fid))
		}
		return nil
	}
	return m.reportTags(ctx, p, l, fid, rec)
}

// tagAndNote gets tags of a fragment and adds it to the file's report.
func (m *Miner) tagAndNote(ctx context.Context, p *jobs.Progress, l *look, srs *podr2proof.SRS, fid, fragment types.Hash, rec *tagRecord) error {
	if rec.has(fragment) { // but its tags are gone
		*rec = tagRecord{}
	}
	p.Doing("getting tags of fragment %.8s…", fragment)
	worker, signature, err := m.tag(ctx, l, srs, fid, fragment, rec)
	if err != nil {
		return err
	}
	if err := m.cfg.step("tags:stored"); err != nil {
		return err
	}
	rec.Digests = append(rec.Digests, tagDigest{fragment, worker})
	rec.Signature = signature
	if err := m.journal.save(tagRecordName(fid), rec); err != nil {
		return err
	}
	return m.cfg.step("tags:noted")
}

// tag gets the tags of a fragment, checks them against its content and stores
// them. With rec the signature covers the report so far and this fragment.
func (m *Miner) tag(ctx context.Context, l *look, srs *podr2proof.SRS, fid, fragment types.Hash, rec *tagRecord) (worker types.WorkerPublicKey, signature []byte, err error) {
	data, err := m.store.Read(fid, fragment)
	if err != nil {
		if errors.Is(err, ErrHash) && m.cheat.repairs() {
			m.log.Error("a fragment is damaged", "fid", fid, "fragment", fragment)
			err = errors.Join(err, m.store.DropFragment(fid, fragment))
			m.jobs.Wake(jobRestore)
		}
		return worker, nil, err
	}
	request := tee.TagRequest{Miner: m.account, File: fid, Fragment: fragment, Data: data}
	if rec != nil {
		request.Digests, request.LastSignature = rec.digests(), rec.Signature
	}
	err = m.tees.Do(ctx, l.chain, tees.Mark, func(ctx context.Context, w *tees.Worker) error {
		ctx, cancel := context.WithTimeout(ctx, tagTimeout)
		defer cancel()
		raw, sig, err := w.TagV2(ctx, request)
		if err != nil {
			return err
		}
		tags, err := podr2proof.ParseTags(raw)
		if err != nil {
			return err
		}
		if types.HashOf(tags.Name()) != fragment {
			return fmt.Errorf("%w: they are those of %v", podr2proof.ErrTags, tags.Name())
		}
		if err := srs.CheckTags(ctx, tags, bytes.NewReader(data)); err != nil {
			return err
		}
		worker, signature = w.Key, sig
		return tees.Final(m.store.PutTags(fid, fragment, tags))
	})
	if err != nil {
		return worker, nil, fmt.Errorf("tags of fragment %v: %w", fragment, err)
	}
	m.metrics.tagged.Inc()
	return worker, signature, nil
}

// reportTags tells the chain that the fragments of a file are tagged.
func (m *Miner) reportTags(ctx context.Context, p *jobs.Progress, l *look, fid types.Hash, rec *tagRecord) error {
	info := filebank.TagSigInfo{Miner: m.account, FileHash: fid}
	for _, d := range rec.Digests {
		info.Digest = append(info.Digest, filebank.DigestInfo{Fragment: d.Fragment, TEEPuk: d.Worker})
	}
	if most := (filebank.DigestBound{}).Max(); len(info.Digest) > most {
		return fmt.Errorf("the report has %d fragments, at most %d fit", len(info.Digest), most)
	}
	p.Doing("reporting the tags of file %.8s…", fid)
	_, err := l.chain.Submit(ctx, m.cfg.Signer, filebank.CalculateReport{TEESig: rec.Signature, TagSigInfo: info})
	switch {
	case errors.Is(err, filebank.ErrDigest), errors.Is(err, filebank.ErrTEENoPermission), errors.Is(err, filebank.ErrVerifyTEESigFailed):
		// A worker left, or a fragment is missing in the report: a new one.
		return errors.Join(fmt.Errorf("report tags: %w", err), m.journal.drop(tagRecordName(fid)))
	case errors.Is(err, filebank.ErrNonExistent): // deleted meanwhile
		return m.journal.drop(tagRecordName(fid))
	case err != nil:
		return fmt.Errorf("report tags: %w", err)
	}
	if err := m.cfg.step("tags:reported"); err != nil {
		return err
	}
	m.metrics.reportedTags.Inc()
	m.log.Info("reported tags", "fid", fid, "fragments", len(rec.Digests))
	m.jobs.Wake(jobSpace) // idle files may have to make room
	for _, d := range rec.Digests {
		if err := m.cheat.tagged(m.store, fid, d.Fragment); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return m.journal.drop(tagRecordName(fid))
}
