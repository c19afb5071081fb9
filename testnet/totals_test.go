package testnet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTotals: a network opens exact totals by region of what its release shows, equal to the pooled data, and its evidence verifies.
func TestTotals(t *testing.T) {
	o, out := small(t)
	o.Totals, o.Synthetic.People, o.Synthetic.Practices, o.Practices = true, 9000, 21, 21
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "equal the pooled data's, over") {
		t.Error("the output says nothing of the pooled data")
	}
	raw, err := os.ReadFile(filepath.Join(o.Out, "totals.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"group,measure_id,", "all,qp-crc,", "north,qp-crc,", "south,qa-pcp,"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
}
