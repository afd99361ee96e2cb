package chaos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Fault is a kind of trouble. It draws a strike from the world's seed.
type Fault struct {
	Name string
	draw func(*World) strike
}

// strike is trouble that begins, lasts and ends.
type strike struct {
	story string
	begin func() error
	hold  time.Duration
	// during is asked after hold, before the end; nil asks nothing.
	during func(ctx context.Context) error
	heal   func() error
}

// Kill ends one node with SIGKILL, sometimes two, sometimes all at once but for a
// witness, and starts them again.
var Kill = Fault{"kill", func(w *World) strike {
	victims := w.mortal()
	switch p := w.rng.Float64(); {
	case p < 0.7:
		victims = w.chooseSpare(victims, 1)
	case p < 0.9:
		victims = w.chooseSpare(victims, 2)
	}
	return strike{
		story: "kill -9 of " + w.describe(victims),
		hold:  w.between(0, 3*time.Second),
		begin: func() error { return each(victims, (*Node).Kill) },
		heal:  func() error { return each(victims, (*Node).start) },
	}
}}

// PartitionOne parts one node with a seat from the others, which go on; nodes
// without a seat are on either side.
var PartitionOne = Fault{"partition 3/1", func(w *World) strike { return w.partition(w.side(1)) }}

// PartitionHalves cuts the network in two halves, none of which has more than
// two thirds of the seats.
var PartitionHalves = Fault{"partition 2/2", func(w *World) strike { return w.partition(w.side(w.manifest.Seats / 2)) }}

// Stop halts one or two processes for a while.
var Stop = Fault{"stop", func(w *World) strike {
	victims := w.chooseSpare(w.net.Nodes, 1+w.rng.IntN(2))
	return strike{
		story:  "SIGSTOP of " + w.describe(victims),
		hold:   w.between(time.Second, 8*time.Second),
		begin:  func() error { return each(victims, (*Node).Pause) },
		during: func(ctx context.Context) error { return w.votesAllow(ctx, w.except(victims)) },
		heal:   func() error { return each(victims, (*Node).Resume) },
	}
}}

// BadLinks makes the links of a node as bad as between continents.
var BadLinks = Fault{"bad links", func(w *World) strike {
	victim := w.choose(1)
	return strike{
		story: fmt.Sprintf("links of %s become slow and lossy, and are reset once", w.describe(victim)),
		hold:  w.between(4*time.Second, 10*time.Second),
		begin: func() error {
			w.net.Mesh.SetNode(victim[0].Index, far)
			w.net.Mesh.Reset(victim[0].Index)
			return nil
		},
		heal: func() error { w.net.Mesh.SetNode(victim[0].Index, w.manifest.Links); return nil },
	}
}}

// OneWay cuts one direction between two nodes.
var OneWay = Fault{"one-way cut", func(w *World) strike {
	pair := w.choose(2)
	return strike{
		story: fmt.Sprintf("%s does not reach %s, the other way works", pair[0].Name, pair[1].Name),
		hold:  w.between(4*time.Second, 10*time.Second),
		begin: func() error { w.net.Mesh.CutOneWay(pair[0].Index, pair[1].Index, Silent); return nil },
		heal:  func() error { w.net.Mesh.Heal(); return nil },
	}
}}

// ClockJump sets a node's clock an hour ahead or back, and right again.
var ClockJump = Fault{"clock jump", func(w *World) strike {
	victim := w.choose(1)
	jump := time.Hour
	if w.rng.IntN(2) == 0 {
		jump = -jump
	}
	return strike{
		story: fmt.Sprintf("clock of %s jumps by %v and back", w.describe(victim), jump),
		hold:  w.between(3*time.Second, 10*time.Second),
		begin: func() error { return victim[0].control.setClock(jump) },
		during: func(ctx context.Context) error {
			return w.goesOn(ctx, w.net.Nodes) // the node with the wrong clock, too
		},
		heal: func() error { return victim[0].control.setClock(0) },
	}
}}

// SlowDisk makes every sync of a node's disk take long.
var SlowDisk = Fault{"slow disk", func(w *World) strike {
	victim := w.choose(1)
	longer := w.between(50*time.Millisecond, 500*time.Millisecond)
	return strike{
		story:  fmt.Sprintf("every sync of %s takes %v longer", w.describe(victim), longer),
		hold:   w.between(5*time.Second, 12*time.Second),
		begin:  func() error { return victim[0].control.setSync(longer) },
		during: func(ctx context.Context) error { return w.goesOn(ctx, w.except(victim)) },
		heal:   func() error { return victim[0].control.setSync(0) },
	}
}}

// fullTimeout is how long a node may go on on a full disk: what it writes next
// may still fit into files that it has.
const fullTimeout = 30 * time.Second

// noSpace is what a node must say that stops for want of space.
const noSpace = "no space left on device"

// DiskFull takes the space of a node's disk. The node may stop, and must say
// why then; it is started again when there is space.
var DiskFull = Fault{"disk full", func(w *World) strike {
	node := w.shuffled(w.mortal())[0]
	var said int64
	return strike{
		story: "disk of " + w.describe([]*Node{node}) + " is full",
		begin: func() (err error) {
			if _, said, err = node.said(0); err != nil {
				return err
			}
			return node.disk.fill(w.rng.Int64N(256 << 10))
		},
		during: func(ctx context.Context) error {
			for deadline := time.Now().Add(fullTimeout); node.Running() && time.Now().Before(deadline); {
				time.Sleep(200 * time.Millisecond)
				if err := node.disk.fill(0); err != nil && node.Running() {
					return err
				}
			}
			text, _, err := node.said(said)
			switch {
			case err != nil:
				return err
			case node.Running():
				w.story("%s runs on without space", node.Name)
			case node.process().Err() == nil || !strings.Contains(text, noSpace):
				return fmt.Errorf("%s stopped on a full disk (%v) without saying %q; see %s", node.Name, node.process().Err(), noSpace, node.log)
			default:
				w.story("%s stopped: %s", node.Name, lineWith(text, noSpace))
			}
			return w.goesOn(ctx, w.except([]*Node{node}))
		},
		heal: func() error {
			if err := node.disk.free(); err != nil {
				return err
			}
			if node.Running() {
				return nil
			}
			return node.start()
		},
	}
}}

func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return strings.TrimSpace(line[:min(len(line), 300)])
		}
	}
	return ""
}

func names(nodes []*Node) string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.Name)
	}
	return strings.Join(out, ", ")
}

// each does something to several nodes, as nearly at once as it can.
func each(nodes []*Node, do func(*Node) error) error {
	errs := make(chan error, len(nodes))
	for _, n := range nodes {
		go func() { errs <- do(n) }()
	}
	var all error
	for range nodes {
		all = errors.Join(all, <-errs)
	}
	return all
}
