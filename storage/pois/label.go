package pois

import (
	"crypto/sha512"
	"encoding/binary"
)

// Label is the value of a node.
type Label = [LabelSize]byte

// Offsets of the label message (spec/pois.md §4).
const (
	msgCluster   = 32
	msgFile      = 40
	msgNode      = 48
	msgParents   = 52
	msgElders    = msgParents + LabelSize
	msgNeighbour = msgElders + LabelSize
	msgSize      = msgNeighbour + LabelSize
)

// message is what a label hashes: who, where, and the labels it depends on.
type message [msgSize]byte

// newMessage starts the messages of a layer file: file is 0 below layer K.
func newMessage(id *ID, cluster, file int64) *message {
	m := new(message)
	copy(m[:], id[:])
	binary.BigEndian.PutUint64(m[msgCluster:], uint64(cluster))
	binary.BigEndian.PutUint64(m[msgFile:], uint64(file))
	return m
}

func (m *message) setNode(node int) { binary.BigEndian.PutUint32(m[msgNode:], uint32(node)) }

// xor folds the label of a parent (at msgParents) or an elder (at msgElders) into the message.
func (m *message) xor(at int, label []byte) {
	dst := m[at : at+LabelSize]
	for i := 0; i < LabelSize; i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(dst[i:])^binary.LittleEndian.Uint64(label[i:]))
	}
}

// setNeighbour places the label of the same position in the layer file before.
func (m *message) setNeighbour(label []byte) { copy(m[msgNeighbour:], label) }

// label hashes the message. The very first layer file of a set has no neighbour and a shorter message.
func (m *message) label(neighbour bool) Label {
	if neighbour {
		return sha512.Sum512(m[:])
	}
	return sha512.Sum512(m[:msgNeighbour])
}

// fileNumber is the global number that the label message carries: 0 below layer K.
func fileNumber(cluster int64, layer int) int64 {
	if layer < ClusterFiles {
		return 0
	}
	return (cluster-1)*ClusterFiles + int64(layer-ClusterFiles) + 1
}

// elderLayers are the layers whose labels a kept file mixes in: even layers for the first half of a cluster's files,
// odd ones for the second half.
func elderLayers(layer int) [ClusterFiles / 2]int {
	first := (layer - ClusterFiles/2) / ClusterFiles
	var e [ClusterFiles / 2]int
	for i := range e {
		e[i] = first + 2*i
	}
	return e
}
