package tee

// Messages that are not in package wire. Strings of the .proto files are byte
// fields here and counters are signed: the encoding is the same.

// KeyRequest asks for a key, in the name of a registered miner.
type KeyRequest struct {
	Miner []byte `pb:"1"`
}

// KeyReply is a public key with a signature of that key over the big-endian
// time stamp, in milliseconds.
type KeyReply struct {
	Key       []byte `pb:"1"`
	Timestamp int64  `pb:"2"`
	Signature []byte `pb:"3"`
}

// EchoMessage comes back as it is.
type EchoMessage struct {
	Message []byte `pb:"1"`
}

// Empty has no content.
type Empty struct{}

// GenTagRequest asks for a tag of version 1. The first message of a call has no
// data, the second has all.
type GenTagRequest struct {
	Data          []byte       `pb:"1"`
	FragmentName  []byte       `pb:"2"` // 64 hexadecimal characters
	CustomData    []byte       `pb:"3"`
	FileName      []byte       `pb:"4"` // 64 hexadecimal characters
	Miner         []byte       `pb:"5"`
	Digests       []DigestInfo `pb:"6,max=1000"` // of the fragments of the file tagged before
	LastSignature []byte       `pb:"7"`
}

// DigestInfo names a tagged fragment and the worker that tagged it.
type DigestInfo struct {
	FragmentName []byte `pb:"1"` // 64 hexadecimal characters
	TEE          []byte `pb:"2"`
}

// GenTagReply answers the first message with Processing, the second with the
// tag.
type GenTagReply struct {
	Processing bool       `pb:"1"`
	Message    *GenTagMsg `pb:"2"`
}

// GenTagMsg is a tag of version 1 and the signature over the file's digests.
type GenTagMsg struct {
	Tag       *Tag   `pb:"1"`
	USig      []byte `pb:"2"`
	Signature []byte `pb:"3"`
}

// Tag is v1.Wire on the wire.
type Tag struct {
	T       *TagT  `pb:"1"`
	PhiHash []byte `pb:"2"`
	Attest  []byte `pb:"3"`
}

// TagT holds the numbers of a tag, in decimal.
type TagT struct {
	Name []byte   `pb:"1"`
	U    []byte   `pb:"2"`
	Phi  [][]byte `pb:"3,max=1024"`
}

// Qslice is the service part of a challenge.
type Qslice struct {
	Indices []int64  `pb:"1,max=1024"`
	Values  [][]byte `pb:"2,max=1024"`
}

// BatchProof is v1.Proof on the wire, by field instead of by fragment.
type BatchProof struct {
	Names [][]byte `pb:"1,max=6000"`
	Us    [][]byte `pb:"2,max=6000"`
	Mus   [][]byte `pb:"3,max=6000"`
	Sigma []byte   `pb:"4"`
}

// BatchVerifyRequest asks for the verdict over some fragments of a miner.
type BatchVerifyRequest struct {
	Proof  *BatchProof `pb:"1"`
	Qslice *Qslice     `pb:"2"`
	USigs  [][]byte    `pb:"3,max=6000"`
	Miner  []byte      `pb:"4"`
	Filter []int64     `pb:"5,max=256"`
}

// BatchVerifyReply is a signed verdict; Filter is the request's plus the names.
type BatchVerifyReply struct {
	Result    bool    `pb:"1"`
	TEE       []byte  `pb:"2"`
	Filter    []int64 `pb:"3,max=256"`
	Signature []byte  `pb:"4"`
}

// AggregateRequest asks for one verdict over several batches of a challenge.
type AggregateRequest struct {
	History []BatchRecord `pb:"1,max=4096"`
	Qslice  *Qslice       `pb:"2"`
}

// BatchRecord is a batch with the worker's reply to it.
type BatchRecord struct {
	Miner     []byte  `pb:"1"`
	Result    bool    `pb:"2"`
	Sigma     []byte  `pb:"3"`
	Filter    []int64 `pb:"4,max=256"`
	Signature []byte  `pb:"5"`
}

// AggregateReply is the signature over the whole.
type AggregateReply struct {
	TEE       []byte `pb:"1"`
	Signature []byte `pb:"2"`
}

// TaggerKeyReply is the network's key of version 2: podr2.PublicKey and
// podr2.SRS in their encodings.
type TaggerKeyReply struct {
	Key []byte `pb:"1"`
	SRS []byte `pb:"2"`
}

// TagV2Request asks for tags of version 2 of a whole fragment.
type TagV2Request struct {
	Data          []byte       `pb:"1"`
	FragmentName  []byte       `pb:"2"`
	FileName      []byte       `pb:"3"`
	Miner         []byte       `pb:"4"`
	Digests       []DigestInfo `pb:"5,max=1000"`
	LastSignature []byte       `pb:"6"`
}

// TagV2Reply is a tag file of package podr2, and the signature over the file's
// digests and this fragment.
type TagV2Reply struct {
	Tags      []byte `pb:"1"`
	Signature []byte `pb:"2"`
	TEE       []byte `pb:"3"`
}

// VerifyV2Request asks for the verdict over a proof of version 2, for the open
// challenge of a miner.
type VerifyV2Request struct {
	Miner []byte `pb:"1"`
	Proof []byte `pb:"2"`
}

// VerifyV2Reply is the signed verdict.
type VerifyV2Reply struct {
	Result    bool   `pb:"1"`
	Signature []byte `pb:"2"`
	TEE       []byte `pb:"3"`
}
