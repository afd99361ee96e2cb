package miner

import (
	"context"

	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/primitives/scale"
	"github.com/gocess/gocess/storage/pois"
	"github.com/gocess/gocess/storage/pois/disk"
	"github.com/gocess/gocess/storage/pois/store"
)

// setsAhead is the number of generated sets that may wait for certification.
const setsAhead = 1

// generate makes the next set of idle files if there is room for it, on chain
// and on disk.
func (m *Miner) generate(ctx context.Context, p *jobs.Progress) error {
	if m.cfg.NoIdle {
		return jobs.Waitf("the generation of idle files is off")
	}
	l, err := m.look(ctx)
	if err != nil {
		return err
	}
	if err := l.inService(); err != nil {
		return err
	}
	st, params, err := m.idle.open(ctx, l)
	if err != nil {
		return err
	}
	info, _ := l.me.SpaceProofInfo.Get()
	if local := st.Status(); local.Rear < int64(info.Rear) {
		return jobs.Waitf("idle space is %d files behind the chain", int64(info.Rear)-local.Rear)
	}
	ready := st.Ready()
	if len(ready) >= setsAhead {
		return jobs.Waitf("set %d waits for its certification", ready[0])
	}
	if err := m.roomForSet(ctx, l, st.Status(), params, len(ready)); err != nil {
		return err
	}
	number := st.Status().Rear/pois.SetFiles + int64(len(ready)) + 1
	if err := m.generateSet(ctx, p, st, number); err != nil {
		return err
	}
	m.metrics.generated.Inc()
	m.log.Info("generated idle files", "set", number)
	m.jobs.Wake(jobSpace)
	return nil
}

// roomForSet is nil if another set fits.
func (m *Miner) roomForSet(ctx context.Context, l *look, local pois.Status, params pois.Params, ready int) error {
	unit, err := l.idleFileSize(ctx)
	if err != nil {
		return err
	}
	setSpace := pois.SetFiles * unit
	goal := scale.U128From64(m.cfg.IdleGoalBytes)
	if ahead := scale.U128From64(setSpace * uint64(ready)); !goal.IsZero() && !l.me.IdleSpace.SaturatingAdd(ahead).Less(goal) {
		return jobs.Waitf("%v bytes of idle space are enough by --idle-goal-gib", l.me.IdleSpace)
	}
	used := l.me.IdleSpace.SaturatingAdd(l.me.ServiceSpace).SaturatingAdd(l.me.LockSpace)
	after := used.SaturatingAdd(scale.U128From64(setSpace * uint64(ready+1)))
	if l.me.DeclarationSpace.Less(after) {
		return jobs.Waitf("all declared space is in use: %v of %v bytes", used, l.me.DeclarationSpace)
	}
	_, fragments, err := m.store.Usage()
	if err != nil {
		return err
	}
	file := uint64(params.FileSize())
	set := pois.SetFiles * file
	onDisk := uint64(local.Rear-local.Front)*file + uint64(ready)*2*set + uint64(fragments)
	if onDisk+2*set > m.cfg.MaxSpaceBytes {
		return jobs.Waitf("the limit of %d bytes on disk leaves no room for a set: %d are in use and %d are needed", m.cfg.MaxSpaceBytes, onDisk, 2*set)
	}
	free, err := freeDisk(m.cfg.Home)
	if err != nil {
		return err
	}
	if need := 2*set + set/64 + m.cfg.ReserveBytes; free < need {
		return jobs.Waitf("the disk has %d bytes free; %d are needed for a set and the reserve", free, need)
	}
	return nil
}

// generateSet makes a set, or the rest of one, within the limits on processor
// and disk. It may be stopped anywhere.
func (m *Miner) generateSet(ctx context.Context, p *jobs.Progress, st *store.Store, number int64) error {
	p.Doing("waiting to generate set %d", number)
	if err := m.cfg.Heavy.Acquire(ctx, 1); err != nil {
		return err
	}
	defer m.cfg.Heavy.Release(1)
	if err := m.cfg.step("generate:start"); err != nil {
		return err
	}
	_, err := st.Generate(ctx, number, pois.GenerateOptions{
		Workers: m.cfg.Cores, Share: m.cfg.CPUShare,
		FS: throttle(ctx, disk.OS, m.cfg.DiskBytesPerSecond),
		Progress: func(g pois.Progress) {
			p.Doing("generating set %d: %d of %d files", number, g.Done, g.Total)
		},
	})
	if err != nil {
		return err
	}
	return m.cfg.step("generate:done")
}
