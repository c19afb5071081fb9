package audit

import (
	"encoding/hex"
	"fmt"
)

// checkWitnesses holds the roots that members say in the log to have seen against this program's own tree. The rules refuse two that contradict each other; only who has
// the tree sees that all of them are of another log: the one that these members were shown.
func (h *history) checkWitnesses(f *findings) {
	for _, w := range h.state.Witnessed() {
		root, err := h.tree.root(w.Size)
		if err != nil || hex.EncodeToString(root[:]) != w.Root {
			f.add(bad(CodeWitness, fmt.Sprintf("entry %d", w.Index), "%q has seen root %s of size %d, the first %d entries here have %s: it was shown another log; compare with its bundle",
				w.Member, short(w.Root), w.Size, w.Size, short(hex.EncodeToString(root[:]))))
		}
	}
}
