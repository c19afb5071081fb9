package party_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// A payer that does not give its vector ends the run before any key exists, and
// its reason stays at home.
func TestDeclined(t *testing.T) {
	for name, vector := range map[string]func(context.Context, *run.Manifest) ([]int64, []int64, error){
		"by the operator": func(context.Context, *run.Manifest) ([]int64, []int64, error) {
			return nil, nil, errors.New("secret-4711")
		},
		"outside the caps": func(context.Context, *run.Manifest) ([]int64, []int64, error) {
			return []int64{4711}, []int64{4711}, nil
		},
		"not fit": func(context.Context, *run.Manifest) ([]int64, []int64, error) {
			return nil, nil, fmt.Errorf("%w: secret-4711", run.ErrQuality)
		},
		"of another length": func(context.Context, *run.Manifest) ([]int64, []int64, error) { return nil, nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t, 3, 1)
			n.members[n.payers[2]].vector = vector
			out := n.run()
			code := wire.Declined
			if name == "not fit" {
				code = wire.Quality
			}
			for name, r := range out {
				if r.Outcome == nil || r.Code != code || r.By != n.payers[2] || r.Step != "prepare" {
					t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
				}
				if strings.Contains(r.Void, "4711") {
					t.Errorf("%s: the void tells why: %q", name, r.Void)
				}
			}
			if len(n.revealed) != 0 {
				t.Errorf("revealed: %v", n.revealed)
			}
		})
	}
}

// A payer that never comes is named.
func TestAbsent(t *testing.T) {
	n := newNetwork(t, 3, 1)
	n.members[n.payers[1]].absent = true
	n.manifest.Deadlines.Prepare = 300 * time.Millisecond
	n.linger = 100 * time.Millisecond
	out := n.run()
	for name, r := range out {
		if r.Outcome == nil || r.Code != wire.Deadline || !strings.Contains(r.Void, "waiting for "+n.payers[1]) {
			t.Errorf("%s: %+v %v", name, r.Outcome, r.err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(n.members[hub].dir, "*.board")); len(left) != 0 {
		t.Error("a board is left")
	}
}
