package store

import "errors"

// ErrInUse reports a folder that is open already, here or in another process.
var ErrInUse = errors.New("pois store: the folder is in use")

// lockName is the file that is locked. It stays when the lock is given back.
const lockName = "lock"

// Close lets others open the folder. The Store must not be used any more. A process that ends without it, in
// whatever way, gives the folder back too.
func (s *Store) Close() error { return s.lock.Close() }
