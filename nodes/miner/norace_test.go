//go:build !race

package miner

const underRace = false
