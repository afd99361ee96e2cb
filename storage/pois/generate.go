package pois

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gocess/gocess/storage/pois/disk"
	"github.com/gocess/gocess/storage/pois/internal/multisha"
)

// GenerateOptions tune a generation. The zero value is good.
type GenerateOptions struct {
	// Workers is the number of layer files computed at once, in a wavefront. Each takes a core and three times the file
	// size in memory (192 MiB in production), besides two more files in all. Default 1.
	Workers int
	// Share is the share of its core that each worker may use, in (0, 1]. Default 1.
	Share float64
	// Progress is called after every layer file, from one goroutine at a time.
	Progress func(Progress)
	// FS changes files. Default disk.OS.
	FS disk.FS

	portable bool // for tests: no vector instructions
}

func (o *GenerateOptions) level() multisha.Level {
	if o.portable {
		return multisha.None
	}
	return vectors
}

// Progress says how far a generation is.
type Progress struct {
	// Done and Total count layer files, those found finished on disk included.
	Done, Total int
	// Bytes is the number of label bytes written by this run.
	Bytes int64
}

const stages = Layers * SetClusters

// syncEach is the file size from which every layer file is made durable on its own. Smaller sets are synced in one go at
// the end: they are recomputed faster than a thousand small files are synced.
const syncEach = 8 << 20

// Generate computes a set of idle files (spec/pois.md §4) into its directory. It may be stopped at any moment, by the
// context or by force, and called again: finished layer files are checked against their tree and kept. A complete set
// returns at once. After an error the directory holds whole files only, beside temporary ones with the suffix .tmp.
func Generate(ctx context.Context, s *Set, o GenerateOptions) error {
	if o.FS == nil {
		o.FS = disk.OS
	}
	if o.Share < 0 || o.Share > 1 {
		return fmt.Errorf("%w: share %v of a core", ErrParams, o.Share)
	}
	o.Workers = min(max(o.Workers, 1), SetClusters)
	if _, err := s.Roots(); err == nil {
		return nil
	}
	g := &generation{Set: s, o: o, roots: make([]Hash, stages)}
	if err := g.prepare(); err != nil {
		return err
	}
	first, err := g.resume(ctx)
	if err != nil {
		return err
	}
	if err := g.run(ctx, first); err != nil {
		return err
	}
	return g.finish()
}

// generation is one run of Generate.
type generation struct {
	*Set
	o     GenerateOptions
	roots []Hash

	mu    sync.Mutex // guards what follows
	done  int
	bytes int64
}

// at gives the cluster and layer of a stage: layer-major, cluster-minor.
func (g *generation) at(stage int) (cluster int64, layer int) {
	return firstCluster(g.number) + int64(stage%SetClusters), stage / SetClusters
}

func (g *generation) prepare() error {
	for i := range int64(SetClusters) {
		cluster := firstCluster(g.number) + i
		if err := g.o.FS.MkdirAll(g.clusterDir(cluster)); err != nil {
			return err
		}
		if err := g.removeElders(cluster); err != nil {
			return err
		}
	}
	return nil
}

// resume finds the first stage that is not on disk, complete and consistent with its tree.
func (g *generation) resume(ctx context.Context) (int, error) {
	if _, err := os.Stat(g.file("sub", firstCluster(g.number), 0)); err != nil {
		return 0, nil
	}
	for stage := range stages {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		cluster, layer := g.at(stage)
		root, err := g.checkLayer(cluster, layer, true)
		if err != nil {
			if errors.Is(err, ErrMissing) || errors.Is(err, ErrDamaged) {
				return stage, nil
			}
			return 0, err
		}
		g.roots[stage] = root
		g.report(0)
	}
	return stages, nil
}

func (g *generation) report(bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done++
	g.bytes += bytes
	if g.o.Progress != nil {
		g.o.Progress(Progress{Done: g.done, Total: stages, Bytes: g.bytes})
	}
}

// finish makes everything durable and writes the roots, which marks the set complete.
func (g *generation) finish() error {
	for i := range int64(SetClusters) {
		cluster := firstCluster(g.number) + i
		if err := g.removeElders(cluster); err != nil {
			return err
		}
		if g.g.p.FileSize() < syncEach {
			for layer := range Layers {
				for _, kind := range g.kinds() {
					if err := g.o.FS.Sync(g.file(kind, cluster, layer)); err != nil {
						return err
					}
				}
			}
		}
		if err := g.o.FS.SyncDir(g.clusterDir(cluster)); err != nil {
			return err
		}
	}
	if err := g.o.FS.SyncDir(g.dir); err != nil {
		return err
	}
	all := levelBytes(g.roots)
	sum := sha256.Sum256(all)
	return g.o.FS.Write(g.rootsFile(), true, all, sum[:])
}

// kinds lists the files of a layer.
func (s *Set) kinds() []string {
	if s.g.p.N/s.g.p.chunk() > AuxNodes {
		return []string{"sub", "aux", "tree"}
	}
	return []string{"sub", "aux"}
}

// save writes a finished layer file and its tree levels; labels last, so that they vouch for the others.
func (g *generation) save(stage int, labels []byte, nodes []Hash) error {
	cluster, layer := g.at(stage)
	sync := g.g.p.FileSize() >= syncEach
	u := newUpper(nodes)
	g.roots[stage] = u.root()
	if len(nodes) > AuxNodes {
		if err := g.o.FS.Write(g.file("tree", cluster, layer), sync, levelBytes(nodes)); err != nil {
			return err
		}
	}
	if err := g.o.FS.Write(g.file("aux", cluster, layer), sync, levelBytes(u.aux())); err != nil {
		return err
	}
	if err := g.o.FS.Write(g.file("sub", cluster, layer), sync, labels); err != nil {
		return err
	}
	g.report(int64(len(labels)))
	return nil
}

// pause sleeps after work so that the worker keeps to its share.
func (g *generation) pause(ctx context.Context, worked time.Duration) error {
	if g.o.Share == 0 || g.o.Share == 1 {
		return ctx.Err()
	}
	t := time.NewTimer(time.Duration(float64(worked) * (1/g.o.Share - 1)))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
