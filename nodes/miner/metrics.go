package miner

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are the miner's figures for Prometheus.
type metrics struct {
	received, served, reported prometheus.Counter
	fragments, bytes           prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) metrics {
	f := promauto.With(r)
	counter := func(name, help string) prometheus.Counter {
		return f.NewCounter(prometheus.CounterOpts{Namespace: "cess", Subsystem: "miner", Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return f.NewGauge(prometheus.GaugeOpts{Namespace: "cess", Subsystem: "miner", Name: name, Help: help})
	}
	return metrics{
		received:  counter("fragments_received_total", "Fragments stored after a gateway sent them."),
		served:    counter("fragments_served_total", "Fragments sent on request."),
		reported:  counter("columns_reported_total", "Columns of files reported to the chain."),
		fragments: gauge("fragments", "Fragments on disk."),
		bytes:     gauge("fragment_bytes", "Bytes of fragments on disk."),
	}
}
