package tee

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are the worker's figures for Prometheus.
type metrics struct {
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	tagged   *prometheus.CounterVec // by version
	verdicts *prometheus.CounterVec // by kind and result
	ready    prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) metrics {
	f := promauto.With(r)
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "cess", Subsystem: "tee", Name: name, Help: help}
	}
	return metrics{
		calls: f.NewCounterVec(opts("calls_total", "Calls answered, by method and gRPC code."), []string{"method", "code"}),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "cess", Subsystem: "tee", Name: "call_seconds", Help: "Duration of calls, by method.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 10),
		}, []string{"method"}),
		tagged:   f.NewCounterVec(opts("fragments_tagged_total", "Fragments tagged, by version of PoDR2."), []string{"version"}),
		verdicts: f.NewCounterVec(opts("verdicts_total", "Signed verdicts, by kind and result."), []string{"kind", "result"}),
		ready:    f.NewGauge(prometheus.GaugeOpts{Namespace: "cess", Subsystem: "tee", Name: "ready", Help: "1 if the worker holds the master key in use and is registered."}),
	}
}
