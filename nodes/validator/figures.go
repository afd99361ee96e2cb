package validator

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gocess/gocess/ledger/consensus"
)

// figure is one of a node's figures for Prometheus.
type figure struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	of   func(s *sample) float64
}

// sample is what a node is like when Prometheus asks.
type sample struct {
	sync  consensus.SyncState
	duty  consensus.Duty
	ready int
	wait  int
	disk  uint64
}

func gauge(name, help string, of func(s *sample) float64) figure {
	return figure{prometheus.NewDesc("cess_node_"+name, help, nil, nil), prometheus.GaugeValue, of}
}

func counter(name, help string, of func(s *sample) float64) figure {
	return figure{prometheus.NewDesc("cess_node_"+name, help, nil, nil), prometheus.CounterValue, of}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

var nodeFigures = []figure{
	gauge("height", "Newest block of the node.", func(s *sample) float64 { return float64(s.sync.Current) }),
	gauge("highest", "Newest block that the node has heard of.", func(s *sample) float64 { return float64(s.sync.Highest) }),
	gauge("catching_up", "1 while the node fetches old blocks.", func(s *sample) float64 { return truth(s.sync.CatchingUp) }),
	gauge("out_of_reach", "Oldest block of the peers if none keeps the next one of the node, which cannot go on; else 0.", func(s *sample) float64 { return float64(s.sync.Oldest) }),
	gauge("peers", "Connected nodes.", func(s *sample) float64 { return float64(s.sync.Peers) }),
	gauge("voting", "1 while a key of the node decides the next block.", func(s *sample) float64 { return truth(s.duty.Voting) }),
	gauge("vote_height", "Height that the node voted in last.", func(s *sample) float64 { return float64(s.duty.Height) }),
	gauge("vote_round", "Round that the node voted in last; above 0 when proposers are silent.", func(s *sample) float64 { return float64(s.duty.Round) }),
	counter("votes_total", "Decided blocks with the node's vote.", func(s *sample) float64 { return float64(s.duty.Signed) }),
	counter("missed_votes_total", "Decided blocks without the node's vote, although it was a validator.", func(s *sample) float64 { return float64(s.duty.Missed) }),
	counter("foreign_votes_total", "Votes of the node's key that another node signed.", func(s *sample) float64 { return float64(s.duty.Foreign) }),
	gauge("validators", "Validators that decided the block before the newest.", func(s *sample) float64 { return float64(s.duty.Validators) }),
	gauge("vrf_contributions", "Validators with a part in the randomness of the newest block.", func(s *sample) float64 { return float64(s.duty.Contributed) }),
	gauge("block_seconds", "Time between the newest two blocks.", func(s *sample) float64 { return s.duty.BlockTime.Seconds() }),
	gauge("pool_ready", "Extrinsics in the pool that can be included.", func(s *sample) float64 { return float64(s.ready) }),
	gauge("pool_future", "Extrinsics in the pool that wait for an earlier nonce.", func(s *sample) float64 { return float64(s.wait) }),
	gauge("state_bytes", "State and its history on disk.", func(s *sample) float64 { return float64(s.disk) }),
}

// figures is a node as a Prometheus collector.
type figures struct{ node *consensus.Node }

// Describe implements prometheus.Collector.
func (f *figures) Describe(ch chan<- *prometheus.Desc) {
	for _, g := range nodeFigures {
		ch <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (f *figures) Collect(ch chan<- prometheus.Metric) {
	pool := f.node.Pool().Stats()
	s := &sample{
		sync: f.node.Sync(), duty: f.node.Duty(), ready: pool.Ready, wait: pool.Future,
		disk: f.node.Store().Metrics().DiskBytes,
	}
	for _, g := range nodeFigures {
		ch <- prometheus.MustNewConstMetric(g.desc, g.kind, g.of(s))
	}
}
