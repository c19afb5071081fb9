package audit

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
)

// BenchmarkVerify prints entries a second of a log of short entries, signatures, rules and tree included.
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b)
	for i := range 1000 {
		w.do("convener", rules.KindRosterSet, rules.NewRosterSet([]string{fmt.Sprint("site-", i)}))
	}
	raw := pack(b, w.bundle(payers...))
	for b.Loop() {
		bundle, err := Open(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			b.Fatal(err)
		}
		if r, err := Verify(bundle, Options{}); err != nil || !r.Verified {
			b.Fatal(err, r.Findings)
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(len(raw))/1000, "bytes/entry")
}
