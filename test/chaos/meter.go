package chaos

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// sample is what a node's process uses at one moment.
type sample struct {
	started    time.Time // of the process
	at         time.Duration
	rss        float64 // bytes
	goroutines float64
}

// meter samples what the nodes' processes use.
type meter struct {
	net   *Network
	began time.Time

	mu      sync.Mutex
	samples [][]sample // guarded by mu; by node
}

const meterEvery = 2 * time.Second

func newMeter(n *Network) *meter {
	return &meter{net: n, began: time.Now(), samples: make([][]sample, len(n.Nodes))}
}

func (m *meter) run(ctx context.Context) {
	ticker := time.NewTicker(meterEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for i, node := range m.net.Nodes {
			started := node.since()
			s, err := readMetrics(ctx, node.admin)
			if err != nil || node.since() != started {
				continue // it is down
			}
			s.started, s.at = started, time.Since(m.began)
			m.mu.Lock()
			m.samples[i] = append(m.samples[i], s)
			m.mu.Unlock()
		}
	}
}

// readMetrics asks the administration port of a node.
func readMetrics(ctx context.Context, admin string) (s sample, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/metrics", nil)
	if err != nil {
		return s, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		for name, to := range map[string]*float64{"go_goroutines ": &s.goroutines, "process_resident_memory_bytes ": &s.rss} {
			if text, ok := strings.CutPrefix(lines.Text(), name); ok {
				if *to, err = strconv.ParseFloat(text, 64); err != nil {
					return s, err
				}
			}
		}
	}
	return s, lines.Err()
}

// warmup is left out of slopes: caches fill.
const warmup = 20 * time.Second

// report describes each node by the process of it that lived longest.
func (m *meter) report() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out strings.Builder
	for i, all := range m.samples {
		life := longest(all)
		if len(life) == 0 {
			continue
		}
		first, last := life[0], life[len(life)-1]
		var at []time.Duration
		var rss, goroutines []float64
		for _, s := range life {
			if s.at-first.at >= warmup {
				at, rss, goroutines = append(at, s.at), append(rss, s.rss), append(goroutines, s.goroutines)
			}
		}
		fmt.Fprintf(&out, "%s over %v: RSS %.1f to %.1f MiB, slope %+.2f MiB/min; goroutines %.0f to %.0f, slope %+.2f/min\n",
			m.net.Nodes[i].Name, (last.at - first.at).Round(time.Second),
			first.rss/(1<<20), last.rss/(1<<20), Slope(at, rss)/(1<<20), first.goroutines, last.goroutines, Slope(at, goroutines))
	}
	return out.String()
}

// longest are the samples of the process with the most.
func longest(all []sample) (best []sample) {
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].started.Equal(all[from].started) {
			to++
		}
		if to-from > len(best) {
			best = all[from:to]
		}
		from = to
	}
	return best
}
