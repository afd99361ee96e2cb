package pool

// announceLater queues e for Announce.
func (p *Pool) announceLater(e *entry) {
	if e.queued {
		return
	}
	e.queued = true
	if len(p.outbox) > 2*len(p.byHash)+1024 {
		p.compactOutbox()
	}
	p.outbox = append(p.outbox, e)
}

// compactOutbox forgets entries that left the pool unannounced; without peers
// nobody calls Announce.
func (p *Pool) compactOutbox() {
	kept := p.outbox[:0]
	for _, e := range p.outbox {
		if !e.gone {
			kept = append(kept, e)
		}
	}
	clear(p.outbox[len(kept):])
	p.outbox = kept
}

// Announce lists ready extrinsics that peers should be told of, at most
// maxBytes of them and at least one if there is any. Each is listed when it
// becomes ready and again every so many blocks while it is pending, for peers
// that were not there. 0 means no limit.
func (p *Pool) Announce(maxBytes int) [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out [][]byte
	size, taken := 0, 0
	for _, e := range p.outbox {
		if !e.gone && e.isReady {
			if maxBytes > 0 && len(out) > 0 && size+len(e.checked.Raw) > maxBytes {
				break
			}
			size += len(e.checked.Raw)
			out = append(out, e.checked.Raw)
			e.told, e.toldAt = true, p.head.number
		}
		e.queued = false
		taken++
	}
	clear(p.outbox[:taken])
	p.outbox = p.outbox[taken:]
	if len(p.outbox) == 0 {
		p.outbox = nil
	}
	return out
}
