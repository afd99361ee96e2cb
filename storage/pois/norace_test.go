//go:build !race

package pois

const underRace = false
