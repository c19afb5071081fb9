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
		{"race", []string{"all"}, "!is everybody"},
		{"race", []string{"White", "Two or More Races"}, "two-or-more-races white"},
		{"race", []string{"White", "white"}, "!twice"},
		{"race", []string{" "}, "!is empty"},
		{"language", []string{strings.Repeat("x", 65)}, strings.Repeat("x", 64)},
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

// TestStratumName: a value that can be a name is its own name, so that manifests of before mean the same; spellings come to one.
func TestStratumName(t *testing.T) {
	for value, want := range map[string]string{
		"white": "white", "2054-5": "2054-5", "~!@#|": "~!@#|", "Two or More Races": "two-or-more-races", " two\tor  more ": "two-or-more", "Español": "espa-ol", "ESPAÑOL": "espa-ol", "中文": "unknown", "": "unknown",
		strings.Repeat("é", 40): "unknown", strings.Repeat("x", 63) + " y": strings.Repeat("x", 63) + "y", strings.Repeat("x y ", 40): strings.Repeat("x-y-", 16)[:63] + "y", "a\x00b": "a-b",
	} {
		got := StratumName(value)
		if got != want && !(strings.HasPrefix(value, "x y") && len(got) <= 64) || StratumName(got) != got {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	rows := nameStrata([]raw{row("p", "Two or more", 1, 2), row("p", "two OR more", 3, 4), row("q", "two or more", 5, 6), row("p", "white", 7, 8)})
	if len(rows) != 3 || rows[0] != row("p", "two-or-more", 4, 6) || rows[2] != row("p", "white", 7, 8) {
		t.Error(rows)
	}
}
