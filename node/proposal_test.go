package node

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
)

// TestProposeRoster: a file without regions gives the entry that it always gave; with a third column the regions are in it and in its hash.
func TestProposeRoster(t *testing.T) {
	propose := func(text string) (rules.RosterSet, error) {
		path := filepath.Join(t.TempDir(), "roster.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := ProposeRoster(path)
		if err != nil {
			return rules.RosterSet{}, err
		}
		return p.Body.(rules.RosterSet), nil
	}
	plain := rules.NewRosterSet([]string{"a", "b"})
	for _, text := range []string{"grain,practice_id\npractice,a\npractice,b\n", "grain,practice_id,region\npractice,a,\npractice,b,\n"} {
		b, err := propose(text)
		if err != nil || b.Regions != nil || b.Hash != plain.Hash || !slices.Equal(b.Practices, plain.Practices) {
			t.Errorf("%+v %v", b, err)
		}
	}
	b, err := propose("grain,practice_id,region\npractice,a,north\npractice,b,\n")
	if err != nil || !slices.Equal(b.Regions, []string{"north", ""}) || b.Hash == plain.Hash || b.Hash != rules.RegionalHash(b.Practices, b.Regions) {
		t.Errorf("%+v %v", b, err)
	}
	for _, text := range []string{"grain,practice_id,county\npractice,a,x\n", "grain,practice_id,region\npractice,a\n", "grain,practice_id\npractice,a,north\n"} {
		if _, err := propose(text); err == nil || !strings.Contains(err.Error(), "roster") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
