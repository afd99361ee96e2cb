package tee

import "time"

// pauses keep the worker from paying fees for the same failure again and again.
type pauses struct{ register, launch, apply, hand, tagger pause }

type pause struct {
	until time.Time
	last  time.Duration
}

func (p *pause) over() bool { return time.Now().After(p.until) }

func (p *pause) longer() {
	p.last = min(max(2*p.last, firstPause), lastPause)
	p.until = time.Now().Add(p.last)
}

func (p *pause) reset() { *p = pause{} }

// attempt does something that may fail, with growing pauses.
func (p *pause) attempt(do func() error) error {
	if !p.over() {
		return nil
	}
	if err := do(); err != nil {
		p.longer()
		return err
	}
	p.reset()
	return nil
}
