package secaggbench

import "testing"

// TestRun: a small round over real sockets ends with the plain sum, and figures are there; no figure is judged at this size.
func TestRun(t *testing.T) {
	f, err := Run(t.Context(), Options{Payers: 3, Elements: 5000, Times: 1, Columns: 40, Rounds: 40, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if f.Sent < 8*5000 || f.Prio3.Sent == 0 || f.Risk.Columns != 40 || f.Risk.Difference > 1e-9 || f.Exact.Rounds != 40 || f.Exact.Summed == 0 || f.Exact.Aborted == 0 || f.Exact.Wrong != 0 {
		t.Errorf("%+v %+v", f, f.Exact)
	}
}
