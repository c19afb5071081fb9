package measures

import (
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	s, err := parse(t, yamlText)
	if err != nil {
		t.Fatal(err)
	}
	if d := Diff(s, s); d != "" {
		t.Errorf("a measure differs from itself:\n%s", d)
	}
	if d := Diff(nil, s); !strings.Contains(d, `+ id: "qp-crc"`) || !strings.Contains(d, "+   SELECT 1") || strings.Contains(d, "\n- id") {
		t.Errorf("a new measure:\n%s", d)
	}
	old, now := *s, *s
	now.Version = "1.1.0"
	now.ValueSets = map[string]ValueSet{
		"tests":   {System: "hcpcs", Public: []string{"G0121", "G0328"}, Slot: "local_cpt"},
		"leading": {Public: []string{"007", "0123"}},
		"new":     {Slot: "own"},
	}
	old.SQL = "a\nb\nc\nd\ne\nf\ng\nh\n"
	now.SQL = "a\nb\nc\nd\nE\nf\ng\nh\ni\n"
	const want = `- version: "1.0.0"
+ version: "1.1.0"
  value_sets.leading: the same codes in another order
+ value_sets.new: system "", slot "own", codes 
- value_sets.tests codes: G0105
+ value_sets.tests codes: G0328
  sql:
  …
    c
    d
-   e
+   E
    f
    g
    h
+   i
`
	if d := Diff(&old, &now); d != want {
		t.Errorf("got\n%s\nwant\n%s", d, want)
	}
	if d := Diff(&old, &old); d != "" {
		t.Error(d)
	}
}
