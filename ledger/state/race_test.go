//go:build race

package state

// slowdown divides the number of points of crash and fault tests.
const slowdown = 10
