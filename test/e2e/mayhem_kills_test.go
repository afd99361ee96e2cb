//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocess/gocess/internal/devkit"
)

// chaos kills nodes and keeps a record of it.
type chaos struct {
	rng   *rand.Rand
	net   *devkit.Network
	began time.Time
	down  map[string][]downtime // by name
	dead  *devkit.Node          // killed for good; nil if none was
	kills int
	event int
}

// downtime is from the moment of a kill until the node answered again.
type downtime struct{ from, to time.Time }

func newChaos(rng *rand.Rand, net *devkit.Network) *chaos {
	return &chaos{rng: rng, net: net, began: time.Now(), down: make(map[string][]downtime)}
}

// Bounds of what chaos draws. Two hundred kills take a quarter of an hour or more.
const (
	maxVictims = 4
	killDelay  = 1500 * time.Millisecond // between the kills of one event
	maxDown    = 3 * time.Second
	maxRest    = 10 * time.Second // between events
)

// killForGood notes a node that was killed and does not come back.
func (c *chaos) killForGood(t *testing.T, n *devkit.Node) {
	t.Helper()
	t.Logf("%s is lost for good", n.Name)
	c.dead = n
}

// living are the nodes of a role that come back; all for "".
func (c *chaos) living(role string) []*devkit.Node {
	return slices.DeleteFunc(c.net.Nodes(role), func(n *devkit.Node) bool { return n == c.dead })
}

// strike kills one to four nodes, at most limit, each at its own moment, starts
// them again, each after its own pause, and rests. Roles take turns in being
// among the victims.
func (c *chaos) strike(t *testing.T, limit int) {
	t.Helper()
	victims := c.choose(limit)
	type act struct {
		node  *devkit.Node
		after time.Duration
		start bool
	}
	var acts []act
	chain := slices.ContainsFunc(victims, isValidator)
	for _, v := range victims {
		kill := time.Duration(c.rng.Int64N(int64(killDelay)))
		pause := time.Duration(c.rng.Int64N(int64(maxDown)))
		acts = append(acts, act{node: v, after: kill}, act{node: v, after: kill + pause, start: true})
	}
	slices.SortStableFunc(acts, func(a, b act) int { return cmp.Compare(a.after, b.after) })
	began, starting := time.Now(), make(map[string]downtime)
	var story []string
	var waiting []*devkit.Node // for the validator: without it TEE workers do not start
	for _, a := range acts {
		time.Sleep(time.Until(began.Add(a.after)))
		switch {
		case !a.start:
			starting[a.node.Name] = downtime{from: time.Now()}
			a.node.Kill(t)
			c.kills++
			story = append(story, fmt.Sprintf("%s at %v", a.node.Name, a.after.Round(10*time.Millisecond)))
		case isValidator(a.node):
			a.node.Restart(t)
			chain = false
			for _, n := range waiting {
				n.Launch(t)
			}
		case chain:
			waiting = append(waiting, a.node)
		default:
			a.node.Launch(t)
		}
	}
	for _, v := range victims {
		v.WaitUp(t)
		d := starting[v.Name]
		d.to = time.Now()
		c.down[v.Name] = append(c.down[v.Name], d)
	}
	rest := time.Duration(c.rng.Int64N(int64(maxRest)))
	t.Logf("%v: killed %s; all up after %v, rest of %v", began.Sub(c.began).Round(time.Second),
		strings.Join(story, ", "), time.Since(began).Round(10*time.Millisecond), rest.Round(100*time.Millisecond))
	time.Sleep(rest)
}

func isValidator(n *devkit.Node) bool { return n.Role == "validator" }

// choose picks the victims of one event.
func (c *chaos) choose(limit int) []*devkit.Node {
	role := []string{"miner", "tee", "validator"}[c.event%3]
	c.event++
	all := slices.DeleteFunc(c.living(""), func(n *devkit.Node) bool { return n.Role == "gateway" })
	c.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	first := slices.IndexFunc(all, func(n *devkit.Node) bool { return n.Role == role })
	all[0], all[first] = all[first], all[0]
	return all[:min(limit, 1+c.rng.IntN(maxVictims))]
}

// tally is how often each role was killed.
func (c *chaos) tally() string {
	count := make(map[string]int)
	for _, n := range c.living("") {
		count[n.Role] += len(c.down[n.Name])
	}
	var out []string
	for _, role := range slices.Sorted(maps.Keys(count)) {
		out = append(out, fmt.Sprintf("%s %d times", role, count[role]))
	}
	return strings.Join(out, ", ")
}

// downIn says whether a node was down, or had been back for less than a grace
// period, at some moment from one time to another.
func (c *chaos) downIn(name string, from, to time.Time, grace time.Duration) bool {
	return slices.ContainsFunc(c.down[name], func(d downtime) bool {
		return d.from.Before(to) && d.to.Add(grace).After(from)
	})
}

// aliveIn is the longest time within a span in which none of the nodes was
// down.
func (c *chaos) aliveIn(from, to time.Time, names ...string) time.Duration {
	var gaps []downtime
	for _, name := range names {
		gaps = append(gaps, c.down[name]...)
	}
	slices.SortFunc(gaps, func(a, b downtime) int { return a.from.Compare(b.from) })
	longest := time.Duration(0)
	for _, g := range gaps {
		if end := earlier(g.from, to); end.After(from) {
			longest = max(longest, end.Sub(from))
		}
		if g.to.After(from) {
			from = g.to
		}
	}
	return max(longest, to.Sub(from))
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
