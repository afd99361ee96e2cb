package miner

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are the miner's figures for Prometheus.
type metrics struct {
	received, served, reported        prometheus.Counter
	generated, certified, replaced    prometheus.Counter
	tagged, reportedTags              prometheus.Counter
	idleProofs, serviceProofs, missed prometheus.Counter
	repaired, repairedIdle, lost      prometheus.Counter
	claims, restored                  prometheus.Counter
	earned                            prometheus.Counter
	fragments, bytes, problems        prometheus.Gauge
	verdicts                          *prometheus.CounterVec
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
		received:      counter("fragments_received_total", "Fragments stored after a gateway sent them."),
		served:        counter("fragments_served_total", "Fragments sent on request."),
		reported:      counter("columns_reported_total", "Columns of files reported to the chain."),
		generated:     counter("idle_sets_generated_total", "Sets of idle files generated."),
		certified:     counter("idle_sets_certified_total", "Sets of idle files certified."),
		replaced:      counter("idle_files_replaced_total", "Idle files deleted for service data."),
		tagged:        counter("fragments_tagged_total", "Tags received from TEE workers."),
		reportedTags:  counter("tag_reports_total", "Tag reports accepted by the chain."),
		idleProofs:    counter("idle_proofs_total", "Idle proofs submitted."),
		serviceProofs: counter("service_proofs_total", "Service proofs submitted."),
		missed:        counter("challenges_missed_total", "Parts of challenges whose deadline passed without a proof."),
		repaired:      counter("fragments_repaired_total", "Own fragments brought back after a loss."),
		repairedIdle:  counter("idle_files_repaired_total", "Idle files regenerated after a loss."),
		lost:          counter("fragments_lost_total", "Own fragments declared lost."),
		claims:        counter("orders_claimed_total", "Restoral orders claimed."),
		restored:      counter("fragments_restored_total", "Fragments of others restored for the network."),
		earned:        counter("reward_tokens_total", "Rewards received, in TCESS."),
		fragments:     gauge("fragments", "Fragments on disk."),
		bytes:         gauge("fragment_bytes", "Bytes of fragments and tags on disk."),
		problems:      gauge("damages", "Damages found by the last self-check."),
		verdicts: f.NewCounterVec(prometheus.CounterOpts{
			Namespace: "cess", Subsystem: "miner", Name: "verdicts_total", Help: "Verdicts submitted, by kind and result.",
		}, []string{"kind", "result"}),
	}
}

func (m *metrics) verdict(kind string, result bool) {
	text := "false"
	if result {
		text = "true"
	}
	m.verdicts.WithLabelValues(kind, text).Inc()
}
