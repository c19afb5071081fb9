package run

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/tacet-health/tacet/protocol/wire"
)

// firstTranscript is the transcript before step 0: SHA-256 of
// "tacet/transcript/v1", a zero byte and the manifest's hash.
func firstTranscript(manifest wire.Hash) wire.Hash {
	h := sha256.New()
	h.Write([]byte("tacet/transcript/v1\x00"))
	h.Write(manifest[:])
	return wire.Hash(h.Sum(nil))
}

// nextTranscript chains the commits of one step: SHA-256 of the transcript
// before, the step's index (4 bytes, big endian) and the digests of all commits
// in the order of Terms.Committers. An object is named by its hash in a commit,
// so the transcript fixes every byte that was revealed.
func nextTranscript(before wire.Hash, step int, commits []*wire.SignedCommit) wire.Hash {
	h := sha256.New()
	h.Write(before[:])
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(step)))
	for _, c := range commits {
		d := c.Digest()
		h.Write(d[:])
	}
	return wire.Hash(h.Sum(nil))
}
