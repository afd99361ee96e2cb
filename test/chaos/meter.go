package chaos

import (
	"bufio"
	"context"
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

func (m *meter) report() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := make([]string, len(m.net.Nodes))
	for i, node := range m.net.Nodes {
		names[i] = node.Name
	}
	return growthReport(names, m.samples)
}
