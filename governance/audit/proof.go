package audit

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/tacet-health/tacet/governance/ledger"
)

// printProof is the proof of an entry as a file for other programs (c2sp.org/tlog-proof): index, inclusion proof, checkpoint.
func printProof(index uint64, proof []ledger.Hash, checkpoint []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "c2sp.org/tlog-proof@v1\nindex %d\n", index)
	for _, h := range proof {
		fmt.Fprintf(&b, "%s\n", base64.StdEncoding.EncodeToString(h[:]))
	}
	b.WriteByte('\n')
	b.Write(checkpoint)
	return b.Bytes()
}

// proof is the file for entry i under the bundle's checkpoint.
func (h *history) proof(i uint64) []byte {
	return printProof(i, h.tree.inclusion(i, h.claimed.Size), h.note)
}
