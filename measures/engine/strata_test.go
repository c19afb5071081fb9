package engine

import (
	"slices"
	"strings"
	"testing"
)

func TestStrataOf(t *testing.T) {
	for _, c := range []struct {
		kind  string
		named []string
		want  string // the strata, or part of the error after "!"
	}{
		{"dual", nil, "dual-or-lis neither unknown"},
		{"dual", []string{"neither", "dual-or-lis"}, "dual-or-lis neither"},
		{"dual", []string{"poor"}, "!none of"},
		{"dual", []string{"neither", "neither"}, "!twice"},
		{"dual", []string{}, "!name those"},
		{"deprivation", []string{"quintile-5", "quintile-1"}, "quintile-1 quintile-5"},
		{"race", nil, "!name those"},
		{"race", []string{"white", "2054-5"}, "2054-5 white"},
		{"race", []string{"all"}, "!or is all"},
		{"race", []string{"White"}, "!upper case"},
		{"race", []string{"of two"}, "!without space"},
		{"race", []string{""}, "!printable"},
		{"language", []string{strings.Repeat("x", 65)}, "!1 to 64"},
		{"shoe-size", nil, "!none of"},
	} {
		got, err := StrataOf(c.kind, c.named)
		if text, bad := strings.CutPrefix(c.want, "!"); bad && (err == nil || !strings.Contains(err.Error(), text)) || !bad && (err != nil || strings.Join(got, " ") != c.want) {
			t.Errorf("%s %q: %v, %v, want %s", c.kind, c.named, got, err, c.want)
		}
	}
	for kind, all := range closedStrata { // the blocks' texts yield these
		if !slices.IsSorted(all) {
			t.Errorf("%s: %v", kind, all)
		}
		for _, s := range all {
			if text := blocks[strataBlock(kind)]; s != unknownStratum && !strings.Contains(text, "'"+strings.TrimRight(s, "12345")) {
				t.Errorf("%s: the block never yields %s", kind, s)
			}
		}
	}
}
