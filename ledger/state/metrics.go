package state

// Metrics is a snapshot of a store's figures, for monitoring.
type Metrics struct {
	Height, Oldest uint64
	OpenViews      int
	Values, Nodes  CacheMetrics
	DiskBytes      uint64 // on disk, of all files
	WriteAmp       float64
}

// Metrics returns the store's figures; zero after Close.
func (s *Store) Metrics() Metrics {
	if s.enter() != nil {
		return Metrics{}
	}
	defer s.leave()
	db := s.db.Metrics()
	total := db.Total()
	m := Metrics{
		Values:    s.values.metrics(),
		Nodes:     s.nodes.metrics(),
		DiskBytes: db.DiskSpaceUsage(),
		WriteAmp:  total.WriteAmp(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Height, m.Oldest = s.head.height, s.oldest
	for _, n := range s.pins {
		m.OpenViews += n
	}
	return m
}
