package chaos

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// leastLife is how long a process must have lived for its slopes to mean
// anything.
const leastLife = 3 * time.Minute

// growth is how a node's use of memory and goroutines changes. A process that is
// started again begins small, so that each life of a node is judged alone: a
// straight line is fitted to its last two thirds, as caches fill in the first.
// The node's slope is the mean of its lives', weighted by the time fitted. Lives
// of less than leastLife do not count.
type growth struct {
	lives           int
	fitted          time.Duration // of all lives that count
	rss, goroutines float64       // bytes and goroutines per minute
}

// growthOf judges a node by its samples, which are in the order of time.
func growthOf(samples []sample) (g growth) {
	for _, life := range lives(samples) {
		if span(life) < leastLife {
			continue
		}
		late := life
		for late[0].at-life[0].at < span(life)/3 {
			late = late[1:]
		}
		g = g.and(fit(late))
	}
	return g
}

// fit is the growth during a part of a life.
func fit(part []sample) growth {
	var at []time.Duration
	var rss, goroutines []float64
	for _, s := range part {
		at, rss, goroutines = append(at, s.at), append(rss, s.rss), append(goroutines, s.goroutines)
	}
	return growth{1, span(part), Slope(at, rss), Slope(at, goroutines)}
}

// ages split lives: while caches fill the slope falls from one age to the next, a
// leak stays.
var ages = []time.Duration{time.Minute, 3 * time.Minute, 6 * time.Minute, 12 * time.Minute, 24 * time.Minute, math.MaxInt64}

// leastPart is how much of an age a process must have lived through for its
// slope then to count.
const leastPart = time.Minute

// growthAt is the growth of all processes while their age was in a range.
func growthAt(from, to time.Duration, samples [][]sample) (g growth) {
	for _, list := range samples {
		for _, life := range lives(list) {
			var part []sample
			for _, s := range life {
				if age := s.at - life[0].at; age >= from && age < to {
					part = append(part, s)
				}
			}
			if len(part) > 0 && span(part) >= leastPart {
				g = g.and(fit(part))
			}
		}
	}
	return g
}

// and is the growth in both.
func (g growth) and(other growth) growth {
	sum := growth{lives: g.lives + other.lives, fitted: g.fitted + other.fitted}
	if sum.fitted == 0 {
		return sum
	}
	a, b := g.fitted.Minutes()/sum.fitted.Minutes(), other.fitted.Minutes()/sum.fitted.Minutes()
	sum.rss, sum.goroutines = a*g.rss+b*other.rss, a*g.goroutines+b*other.goroutines
	return sum
}

func (g growth) String() string {
	if g.lives == 0 {
		return fmt.Sprintf("no process lived for %v, there is no slope", leastLife)
	}
	return fmt.Sprintf("RSS %+.2f MiB/min, goroutines %+.2f/min (%d processes, fitted over %v)",
		g.rss/(1<<20), g.goroutines, g.lives, g.fitted.Round(time.Second))
}

// lives splits samples by process.
func lives(samples []sample) (out [][]sample) {
	for from := 0; from < len(samples); {
		to := from
		for to < len(samples) && samples[to].started.Equal(samples[from].started) {
			to++
		}
		out = append(out, samples[from:to])
		from = to
	}
	return out
}

// span is the time from the first to the last of samples.
func span(samples []sample) time.Duration { return samples[len(samples)-1].at - samples[0].at }

// growthReport describes each node by its slopes and by the process of it that
// lived longest, and all nodes together.
func growthReport(names []string, samples [][]sample) string {
	var out strings.Builder
	fmt.Fprintf(&out, "slopes over the last two thirds of each process that lived at least %v, weighted by time:\n", leastLife)
	var all growth
	for i, list := range samples {
		var longest []sample
		for _, life := range lives(list) {
			if longest == nil || span(life) > span(longest) {
				longest = life
			}
		}
		if longest == nil {
			fmt.Fprintf(&out, "%s was never measured\n", names[i])
			continue
		}
		g := growthOf(list)
		all = all.and(g)
		first, third, last := longest[0], longest[len(longest)/3], longest[len(longest)-1]
		fmt.Fprintf(&out, "%s: %v; its longest process, in %v: RSS %.1f, after a third %.1f, at the end %.1f MiB; goroutines %.0f, %.0f, %.0f\n",
			names[i], g, span(longest).Round(time.Second), first.rss/(1<<20), third.rss/(1<<20), last.rss/(1<<20),
			first.goroutines, third.goroutines, last.goroutines)
	}
	fmt.Fprintf(&out, "all nodes: %v", all)
	for i, from := range ages[:len(ages)-1] {
		if g := growthAt(from, ages[i+1], samples); g.lives > 0 {
			fmt.Fprintf(&out, "\nall nodes, processes of age %v to %s: %v", from, ageText(ages[i+1]), g)
		}
	}
	return out.String()
}

func ageText(age time.Duration) string {
	if age == math.MaxInt64 {
		return "any"
	}
	return age.String()
}
