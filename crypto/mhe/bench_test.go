package mhe

import (
	"io"
	"testing"
)

// BenchmarkKeyRoundOne is one payer's share of round one at the real parameters.
func BenchmarkKeyRoundOne(b *testing.B) {
	n := newNetwork(b, "standard", 2, Rotation{1, 6}, Rotation{2, 6})
	b.ResetTimer()
	for range b.N {
		p := n.parties[0]
		p.used = map[string]bool{} // measured again and again: never do this
		must(b, p.KeyRoundOne(io.Discard))
	}
}
