package replica

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
)

// BenchmarkPropose has the convener and five payers propose as fast as they can, with real signatures and fsyncs. The op is one entry
// that is applied at its author.
func BenchmarkPropose(b *testing.B) {
	c := newCluster(b, 5)
	c.start(c.names...)
	c.propose("convener", rules.KindRosterSet, roster(-1))
	var n atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for _, name := range c.names {
		wg.Go(func() {
			for {
				i := int(n.Add(1))
				if i > b.N {
					return
				}
				var body any = roster(i)
				kind := rules.KindRosterSet
				if name != "convener" {
					body, kind = proposal(b, fmt.Sprintf("sp-%d", i)), rules.KindMeasurePropose
				}
				if _, err := c.r[name].Propose(context.Background(), kind, body); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
