package chaos

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Durations is a sample of times.
type Durations []time.Duration

// Quantile is the least time that a share q of the sample does not exceed.
func (d Durations) Quantile(q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d))
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// String lists the usual quantiles.
func (d Durations) String() string {
	if len(d) == 0 {
		return "none"
	}
	var parts []string
	for _, q := range []struct {
		name string
		at   float64
	}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"most", 1}} {
		parts = append(parts, fmt.Sprintf("%s %v", q.name, d.Quantile(q.at).Round(10*time.Millisecond)))
	}
	return fmt.Sprintf("%s (of %d)", strings.Join(parts, ", "), len(d))
}

// Slope fits a straight line by least squares and returns its rise per minute.
func Slope(at []time.Duration, values []float64) float64 {
	n := float64(len(at))
	if len(at) < 2 || len(at) != len(values) {
		return 0
	}
	var sx, sy, sxx, sxy float64
	for i, d := range at {
		x, y := d.Minutes(), values[i]
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	spread := n*sxx - sx*sx
	if spread == 0 {
		return 0
	}
	return (n*sxy - sx*sy) / spread
}
