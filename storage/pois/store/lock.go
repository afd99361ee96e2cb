package store

import "errors"

// ErrInUse reports a folder that another process has open.
var ErrInUse = errors.New("pois store: another process uses the folder")

// lockName is the file that is locked. It stays when the lock is given back.
const lockName = "lock"

// Close lets another process open the folder. The Store must not be used any more. A process that ends without it, in
// whatever way, gives the folder back too.
func (s *Store) Close() error { return s.lock.Close() }
