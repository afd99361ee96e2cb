package chaos

import (
	"math"
	"strings"
	"testing"
	"time"
)

// life are samples of a process, every 10 s: RSS rises quickly in its first third
// and by perMinute afterwards; there is a goroutine more each half minute.
func life(from, long time.Duration, perMinute float64) (out []sample) {
	const warm = 1 << 30
	started := time.Unix(0, 0).Add(from)
	for age := time.Duration(0); age <= long; age += 10 * time.Second {
		s := sample{started: started, at: from + age, goroutines: 2 * age.Minutes()}
		if age < long/3 {
			s.rss = warm * float64(age) / float64(long/3)
		} else {
			s.rss = warm + perMinute*age.Minutes()
		}
		out = append(out, s)
	}
	return out
}

// Restarts and the first third of a life are no growth; long lives weigh more;
// short ones do not count.
func TestGrowth(t *testing.T) {
	const mib = 1 << 20
	var samples []sample
	samples = append(samples, life(0, 6*time.Minute, 3*mib)...)
	samples = append(samples, life(7*time.Minute, 2*time.Minute, 1000*mib)...)
	samples = append(samples, life(10*time.Minute, 12*time.Minute, 0)...)
	g := growthOf(samples)
	if g.lives != 2 || g.fitted != 12*time.Minute {
		t.Errorf("%d lives count, fitted over %v; want 2 over 12m", g.lives, g.fitted)
	}
	if want := float64(1 * mib); math.Abs(g.rss-want) > 1 {
		t.Errorf("RSS grows by %.0f bytes a minute, want %.0f: 3 MiB for a third of the time", g.rss, want)
	}
	if math.Abs(g.goroutines-2) > 1e-9 {
		t.Errorf("goroutines grow by %v a minute, want 2", g.goroutines)
	}
}

func TestGrowthReport(t *testing.T) {
	got := growthReport([]string{"Alice", "Bob", "Eve"}, [][]sample{
		life(0, 9*time.Minute, 1<<20), life(0, time.Minute, 0), nil,
	})
	for _, want := range []string{
		"Alice: RSS +1.00 MiB/min, goroutines +2.00/min (1 processes, fitted over 6m0s); its longest process, in 9m0s",
		"Bob: no process lived for 3m0s", "Eve was never measured", "all nodes: RSS +1.00 MiB/min",
		"of age 3m0s to 6m0s: RSS +1.00 MiB/min", "of age 6m0s to 12m0s: RSS +1.00 MiB/min",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}
