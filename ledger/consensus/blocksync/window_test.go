package blocksync

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/types"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func block(from p2p.ID, height int64, size int) *fetched {
	return &fetched{from: from, size: size, block: &types.Block{Header: types.Header{Height: height}}}
}

// deliver does what a peer's block goes through. It returns false if it is not
// taken.
func deliver(w *window, b *fetched, now time.Time) bool {
	if !w.debts.admit(b.from) || !w.debts.settle(b.from, b.block.Height) {
		return false
	}
	w.heard(b.from, now)
	return w.arrived(b)
}

// planned shows requests as height:peer.
func planned(w *window, now time.Time) string {
	var out []string
	for _, q := range w.plan(now) {
		out = append(out, fmt.Sprintf("%d:%s", q.height, q.peer))
	}
	return strings.Join(out, " ")
}

func TestWindow(t *testing.T) {
	w := newWindow(5, usualTimes)
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	if w.caughtUp() {
		t.Error("a node without peers has caught up")
	}
	w.status("a", 1, 8, start)
	w.status("b", 7, 9, start)
	want("requests are shared between those who have the blocks", planned(w, start), "5:a 6:a 7:b 8:b 9:b")
	want("nothing is asked twice", planned(w, start), "")
	if deliver(w, block("b", 5, 100), start) {
		t.Error("a block of a peer that was not asked for it is taken")
	}
	if !deliver(w, block("b", 7, 100), start) || deliver(w, block("b", 7, 100), start) {
		t.Error("a block is taken not at all, or twice")
	}
	if w.ready() != nil {
		t.Error("block 5 is ready, and has not come")
	}
	w.remove("b")
	want("what a peer that has gone owed is asked of others", planned(w, start), "8:a")
	deliver(w, block("a", 5, 100), start)
	deliver(w, block("a", 6, 100), start)
	if b := w.ready(); b == nil || b.block.Height != 5 || len(w.soon()) != 2 || len(w.soon()) != 0 {
		t.Error("5 is ready, 6 and 7 are soon, once")
	}
	w.applied(start)
	want("the peer of a bad block", string(w.reject(start)), "a")
	want("is not asked again", planned(w, start), "")
	w.status("a", 1, 8, start.Add(time.Second))
	w.status("c", 1, 8, start.Add(time.Second))
	want("its blocks are asked of others", planned(w, start), "6:c 8:c")
	w.lacks("c", 9, start) // was not asked for it
	w.lacks("c", 6, start)
	want("who lacks a block rests", planned(w, start), "")
	if w.debts.count("c") != 1 || w.debts.admit("d") {
		t.Error("a resting peer may still answer, an unknown one not")
	}
	w.status("c", 1, 8, start.Add(w.rest))
	want("and is asked again later", planned(w, start), "6:c 8:c")
	if late := w.late(start.Add(w.rest + w.patience)); len(late) > 0 {
		t.Errorf("%v are late too early", late)
	}
	if late := w.late(start.Add(w.rest + w.patience + 1)); !slices.Equal(late, []p2p.ID{"c"}) {
		t.Errorf("%v are late", late)
	}
	for _, h := range []int64{6, 8} {
		deliver(w, block("c", h, 100), start)
	}
	for range 3 {
		if w.ready() == nil || w.caughtUp() {
			t.Fatalf("at %d", w.next)
		}
		w.applied(start)
	}
	if !w.caughtUp() {
		t.Error("all that c has is applied")
	}
	w.status("d", 100, 200, start)
	if !w.caughtUp() {
		t.Error("a peer that lacks the next block holds the node up")
	}
}

// Large blocks shrink the window.
func TestWindowIsBounded(t *testing.T) {
	w := newWindow(1, usualTimes)
	for _, id := range []p2p.ID{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		w.status(id, 1, 1e6, start)
	}
	small := len(w.plan(start))
	if small != maxHeld/usualSize {
		t.Errorf("%d requests at first", small)
	}
	for h := range int64(small) {
		deliver(w, block(w.slots[h+1].from, h+1, 5<<20), start)
		if w.held > 2*maxHeld+minWindow*5<<20 {
			t.Fatalf("%d bytes are held", w.held)
		}
	}
	if w.span() != minWindow || len(w.plan(start)) != 0 {
		t.Errorf("%d blocks of 5 MiB are held at once", w.span())
	}
	for w.ready() != nil {
		w.applied(start)
	}
	if again := w.plan(start); w.next > 20 || w.held != 0 || len(again) == 0 || again[0].height != w.next {
		t.Errorf("at %d, %d bytes are held; of the blocks there was no room for, %v are asked again", w.next, w.held, again)
	}
}

// Whatever peers do, a block is asked of one peer at a time, one that has it,
// nobody owes more than the limit, and in the end all blocks are applied.
func TestWindowGetsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const top = 300
		w, now := newWindow(1, usualTimes), start
		asked := map[int64]p2p.ID{} // unanswered
		names := []p2p.ID{"a", "b", "c", "d"}
		connect := func(id p2p.ID, base int64) { w.status(id, base, top, now) }
		gone := func(id p2p.ID) {
			maps.DeleteFunc(asked, func(_ int64, p p2p.ID) bool { return p == id })
		}
		plan := func() {
			per := map[p2p.ID]int{}
			for _, q := range w.plan(now) {
				if _, twice := asked[q.height]; twice {
					t.Fatalf("%d is asked twice", q.height)
				}
				if p := w.peers[q.peer]; p == nil || q.height < p.base {
					t.Fatalf("%d is asked of %s, who lacks it", q.height, q.peer)
				}
				asked[q.height] = q.peer
			}
			for _, id := range asked {
				if per[id]++; per[id] > maxAsked {
					t.Fatalf("%s owes %d", id, per[id])
				}
			}
			for id := range w.debts {
				if n := w.debts.count(id); n > maxAsked || n < per[id] {
					t.Fatalf("%s owes %d, counted %d", id, per[id], n)
				}
			}
		}
		answer := func(h int64) {
			id := asked[h]
			delete(asked, h)
			deliver(w, block(id, h, rapid.IntRange(1, 1<<20).Draw(t, "size")), now)
			held := 0
			for _, s := range w.slots {
				if s.block != nil {
					held += s.block.size
				}
			}
			if held != w.held || held > 2*maxHeld+minWindow<<20 {
				t.Fatalf("%d bytes are held, counted %d", held, w.held)
			}
		}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			id := rapid.SampledFrom(names).Draw(t, "peer")
			switch rapid.IntRange(0, 5).Draw(t, "event") {
			case 0:
				if w.peers[id] == nil {
					connect(id, rapid.Int64Range(1, 50).Draw(t, "base"))
				}
			case 1:
				w.remove(id)
				gone(id)
			case 2:
				for _, h := range slices.Sorted(maps.Keys(asked)) {
					if rapid.Bool().Draw(t, "answers") {
						answer(h)
					}
				}
			case 3:
				if w.ready() != nil {
					w.applied(start)
				}
			case 4:
				if bad := w.reject(now); bad != "" {
					gone(bad)
				}
			case 5:
				for _, h := range slices.Sorted(maps.Keys(asked)) {
					if asked[h] == id {
						w.lacks(id, h, now)
						gone(id)
						break
					}
				}
			}
			plan()
		}
		now = now.Add(w.ban << maxDoublings)
		connect("honest", 1)
		for w.next <= top {
			before := w.next
			for plan(); w.ready() != nil; {
				w.applied(start)
			}
			for _, h := range slices.Sorted(maps.Keys(asked)) {
				answer(h)
			}
			for w.ready() != nil {
				w.applied(start)
			}
			if w.next == before {
				t.Fatalf("stuck at %d", w.next)
			}
		}
	})
}

// Blocks that peers have thrown away are told from those that nobody has yet.
func TestBeyond(t *testing.T) {
	w := newWindow(5, usualTimes)
	w.status("a", 1, 4, start)
	if got := w.beyond(); got != 0 || !w.caughtUp() {
		t.Errorf("a peer with the same blocks: oldest %d", got)
	}
	w.status("b", 900, 1000, start)
	w.status("c", 800, 1000, start)
	if got := w.beyond(); got != 800 {
		t.Errorf("the oldest block is %d, want 800", got)
	}
}

// A peer that fails again and again is left alone for longer and longer, and
// trusted again when its blocks have been good.
func TestFailures(t *testing.T) {
	w, now := newWindow(1, usualTimes), start
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 32} {
		w.pause("a", w.ban, now)
		w.pause("a", w.ban, now) // of the same failure
		if now = now.Add(want*w.ban - 1); !w.paused("a", now) {
			t.Errorf("asked again before %v", want*w.ban)
		}
		if now = now.Add(1); w.paused("a", now) {
			t.Errorf("not asked again after %v", want*w.ban)
		}
	}
	w.status("a", 1, 2*maxAsked, now)
	w.plan(now)
	for h := range int64(maxAsked) {
		if w.failures["a"] == nil {
			t.Fatalf("forgiven after %d blocks", h)
		}
		deliver(w, block("a", h+1, 100), now)
		w.applied(now)
	}
	if w.failures["a"] != nil {
		t.Errorf("not forgiven after %d blocks", maxAsked)
	}
	w.pause("b", w.rest, now)
	if w.forget(now.Add(w.rest + memory)); w.failures["b"] == nil {
		t.Error("forgotten too early")
	}
	if w.forget(now.Add(w.rest + memory + 1)); w.failures["b"] != nil {
		t.Error("never forgotten")
	}
}

// A peer that sends a block now and then is never late. It must not hold up those
// who have the blocks.
func TestHoldsUp(t *testing.T) {
	w := newWindow(1, usualTimes)
	w.status("slow", 1, 2*maxAsked, start)
	w.plan(start)
	now := start.Add(w.hold + 1)
	if id := w.holdsUp(now); id != "" {
		t.Errorf("%s holds up a node that knows nobody else", id)
	}
	w.status("quick", 1, 2*maxAsked, now)
	if id := w.holdsUp(now); id != "slow" {
		t.Errorf("%q holds the node up", id)
	}
	deliver(w, block("slow", 1, 100), now)
	w.applied(now)
	if id := w.holdsUp(now.Add(w.hold)); id != "" {
		t.Errorf("%s holds up a node that has just moved on", id)
	}
	if id := w.holdsUp(now.Add(w.hold + 1)); id != "slow" {
		t.Errorf("%q holds the node up at the next block", id)
	}
}

// What looks like a block before it is decoded and is none pays no debt.
func TestSpentCredit(t *testing.T) {
	w := newWindow(1, usualTimes)
	w.status("a", 1, 3, start)
	w.plan(start)
	for range 3 {
		if !w.debts.admit("a") {
			t.Fatal("a block that was asked for is refused")
		}
	}
	if w.debts.admit("a") {
		t.Error("more blocks are let in than were asked for")
	}
	if late := w.late(start.Add(w.patience + 1)); !slices.Equal(late, []p2p.ID{"a"}) {
		t.Errorf("%v are late", late)
	}
}
