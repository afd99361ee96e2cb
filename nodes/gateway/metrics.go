package gateway

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are the gateway's figures for Prometheus.
type metrics struct {
	received, sent, distributed           prometheus.Counter
	accepted, refused, restores, aborted  prometheus.Counter
	minerFailures, fetched, fetchFailures prometheus.Counter
}

func newMetrics(r prometheus.Registerer, j *jobs) metrics {
	f := promauto.With(r)
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "cess", Subsystem: "gateway", Name: name, Help: help}
	}
	counter := func(name, help string) prometheus.Counter {
		return f.NewCounter(prometheus.CounterOpts(opts(name, help)))
	}
	for _, state := range []State{StateDeclaring, StateDistributing, StateActive, StateFailed} {
		o := opts("files", "Files that this gateway has fragments of, by state.")
		o.ConstLabels = prometheus.Labels{"state": string(state)}
		f.NewGaugeFunc(prometheus.GaugeOpts(o), func() float64 { return float64(j.count(state)) })
	}
	return metrics{
		received:      counter("received_bytes_total", "Bytes of uploads."),
		sent:          counter("sent_bytes_total", "Bytes of downloads."),
		distributed:   counter("distributed_bytes_total", "Bytes of fragments that miners took."),
		accepted:      counter("uploads_accepted_total", "Uploads that were acknowledged."),
		refused:       counter("uploads_refused_total", "Uploads that were refused."),
		restores:      counter("restores_total", "Downloads that were begun."),
		aborted:       counter("restores_aborted_total", "Downloads that broke off."),
		minerFailures: counter("miner_failures_total", "Columns that a miner did not take."),
		fetched:       counter("fragments_fetched_total", "Fragments that miners began to send."),
		fetchFailures: counter("fragment_failures_total", "Fragments that could not be had or were damaged."),
	}
}

// count is the number of files in a state.
func (s *jobs) count(state State) (n int) {
	for _, j := range s.list() {
		j.mu.Lock()
		if j.rec.State == state {
			n++
		}
		j.mu.Unlock()
	}
	return n
}
