package secaggbench

import "testing"

// TestRun: a small round over real sockets ends with the plain sum, and figures are there; no figure is judged at this size.
func TestRun(t *testing.T) {
	f, err := Run(t.Context(), Options{Payers: 3, Elements: 5000, Times: 1, Columns: 40, Rounds: 40, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range f.Exact.Lines {
		if x.Rounds != x.Exact+x.Aborted+x.Wrong {
			t.Errorf("%+v", x)
		}
	}
	if f.Sent < 8*5000 || f.Prio3.Sent == 0 || f.Risk.Columns != 40 || f.Risk.Difference > 1e-9 || f.Exact.Rounds != 40 || f.Exact.Summed == 0 || f.Exact.Aborted == 0 || f.Exact.Wrong != 0 {
		t.Errorf("%+v %+v", f, f.Exact)
	}
}

// TestExactCovers: enough rounds go through every combination; with none dropped there is always a sum, with all but the threshold too, and with more never.
func TestExactCovers(t *testing.T) {
	if n := len(cells()); n != 370 {
		t.Errorf("%d combinations", n)
	}
	was := sizes
	defer func() { sizes = was }()
	sizes = []int{3, 4}
	e, err := exact(t.Context(), 4*len(cells())/3+4, 1, t.Logf)
	if err != nil || e.Wrong != 0 || e.Cells != e.Of || e.Summed == 0 || e.Aborted == 0 {
		t.Errorf("%v %+v", err, e)
	}
	for _, x := range e.Lines {
		if x.Step != several && (x.Dropouts == 0 && x.Aborted > 0 || x.Dropouts > 1 && x.Exact > 0) {
			t.Errorf("%+v", x)
		}
	}
}
