package coordinator_test

import (
	"bytes"
	"testing"

	"github.com/tacet-health/tacet/protocol/wire"
)

// A payer that connects again hears of all its own statements before the second
// hello: what it does not hear of by then, it has not said.
func TestHelloBehindTheBacklog(t *testing.T) {
	w := newWorld(t)
	w.control("cedar").expect(wire.KindHello) // nothing was said yet: at once

	alder, birch := w.control("alder"), w.control("birch")
	var said [][]byte
	for step := range 2 {
		c := w.commit("alder", step+1, nil)
		said = append(said, c.Bytes())
		alder.send(c)
		birch.expect(wire.KindCommit) // the relay has it
	}
	again := w.control("alder")
	for heard := 0; ; {
		kind, payload, err := wire.ReadFrame(again)
		must(t, err)
		switch {
		case kind == wire.KindHello && heard == len(said):
			return
		case kind == wire.KindHello:
			t.Fatalf("the second hello stands behind %d of %d statements", heard, len(said))
		case heard < len(said) && bytes.Equal(payload, said[heard]):
			heard++
		}
	}
}
