// Package cputime measures processor time in benchmarks: on a machine that others use as well, elapsed time says little
// about the cost of an algorithm.
package cputime

import (
	"testing"
	"time"
)

// Report starts a measurement; the returned function, called after the benchmark's loop, reports the processor time of
// the whole process in milliseconds per operation. Where the system does not tell, nothing is reported.
func Report(b *testing.B) func() {
	start, ok := used()
	return func() {
		b.Helper()
		end, _ := used()
		if ok {
			b.ReportMetric(float64((end-start)/time.Microsecond)/1000/float64(b.N), "cpu-ms/op")
		}
	}
}
