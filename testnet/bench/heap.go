package bench

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// heap watches how much memory is in use, without what waits for collection: the largest amount that any collection has left alive.
type heap struct {
	stop chan struct{}
	most chan uint64
}

func watchHeap() *heap {
	h := &heap{stop: make(chan struct{}), most: make(chan uint64)}
	go func() {
		s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		most, tick := uint64(0), time.NewTicker(5*time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(s)
			most = max(most, s[0].Value.Uint64())
			select {
			case <-tick.C:
			case <-h.stop:
				h.most <- most
				return
			}
		}
	}()
	return h
}

func (h *heap) end() uint64 {
	close(h.stop)
	return <-h.most
}

// limit holds the collector to a budget, as a member's service does, and returns what undoes it.
func limit(budget int64) (undo func()) {
	if budget <= 0 {
		return func() {}
	}
	before := debug.SetMemoryLimit(budget - budget/16)
	return func() { debug.SetMemoryLimit(before) }
}
