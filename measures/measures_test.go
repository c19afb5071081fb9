package measures

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"testing/fstest"
)

const yamlText = `id: qp-crc
version: 1.0.0
title: Colorectal cancer screening
type: proportion
direction: higher
grain: practice
inputs: [eligibility, medical_claim]
value_sets:
  tests: {system: hcpcs, public: [G0105, G0121], slot: local_cpt}
  leading: {public: [0123, 007]}
sql: measure.sql
cap: {num: 20000, den: 20000}
release:
  profile: quality-rate
  unit: percent
  min_den: 30
rationale: finds cancer early
source: own
licence: Apache-2.0
`

const sqlText = "SELECT 1 AS practice -- < & > kept\n"

func parse(t *testing.T, yaml string) (*Spec, error) {
	t.Helper()
	return Parse(fstest.MapFS{
		"lib/qp-crc/measure.yaml": {Data: []byte(yaml)},
		"lib/qp-crc/measure.sql":  {Data: []byte(sqlText)},
	}, "lib/qp-crc")
}

func TestParse(t *testing.T) {
	s, err := parse(t, yamlText)
	if err != nil {
		t.Fatal(err)
	}
	if s.SQL != sqlText || s.Release.Scale != (Scale{100, 1}) || s.Release.Range != [2]int64{0, 100} || s.Release.Step != 1 {
		t.Fatalf("%+v", s)
	}
	if got := s.ValueSets["leading"].Public; got[0] != "0123" || got[1] != "007" {
		t.Fatal("codes are text as written", got)
	}
}

// TestStratifiedID: the id of a stratified measure names the measure it is a form of, so that the two are never taken for different counts.
func TestStratifiedID(t *testing.T) {
	for id, ok := range map[string]bool{"qp-crc-by-dual": true, "qp-crc": false, "qp-crc-by-race": false, "by-dual": false, "x-by-dual": true} {
		s, err := parse(t, strings.NewReplacer("id: qp-crc", "id: "+id, "rationale:", "stratify: dual\nrationale:").Replace(yamlText))
		if (err == nil) != ok {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if !ok {
			continue
		}
		base, _ := strings.CutSuffix(id, "-by-dual")
		plain := *s
		plain.ID, plain.Stratify = base, ""
		if s.Base() != base || plain.Base() != base || plain.By("dual").ID != id {
			t.Errorf("%s is a form of %s", id, s.Base())
		}
	}
}

// TestBenchmarkOnly: the kind is part of what is approved, and measures without one have the canonical form that they always had.
func TestBenchmarkOnly(t *testing.T) {
	plain, err := parse(t, yamlText)
	if err != nil || strings.Contains(string(plain.Canonical()), "kind") {
		t.Fatal(err)
	}
	s, err := parse(t, strings.Replace(yamlText, "  unit: percent", "  kind: benchmark-only\n  unit: percent", 1))
	if err != nil || s.Release.Kind != BenchmarkOnly || s.Hash() == plain.Hash() {
		t.Fatal(err)
	}
	again, err := ParseCanonical(s.Canonical())
	if err != nil || again.Release.Kind != BenchmarkOnly {
		t.Fatal(err)
	}
	for _, other := range []string{`"kind":"",`, `"kind":"all",`} {
		if _, err := ParseCanonical(bytes.Replace(s.Canonical(), []byte(`"kind":"benchmark-only",`), []byte(other), 1)); err == nil {
			t.Errorf("%s was accepted", other)
		}
	}
}

// TestParseRefuses changes one thing of a good header each.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"title: Colorectal", "titel: Colorectal", "line 3: field titel not found"},
		{"version: 1.0.0", "version: 1.0.0\nversion: 1.0.1", `line 3: mapping key "version" already defined`},
		{"version: 1.0.0", "version: 1.0", ":2: version"},
		{"version: 1.0.0", "version: 01.0.0", ":2: version"},
		{"id: qp-crc", "id: QP", ":1: id"},
		{"id: qp-crc", "id: q" + strings.Repeat("-a", 16), ":1: id"},
		{"type: proportion", "type: fraction", ":4: type"},
		{"direction: higher", "direction: up", ":5: direction"},
		{"direction: higher\n", "", "direction: is missing"},
		{"[eligibility, medical_claim]", "[eligibility, eligibility]", ":7: inputs"},
		{"[eligibility, medical_claim]", "[node.loaded]", ":7: inputs"},
		{"G0121", "G0105", ":9: value_sets.tests: code \"G0105\" is listed twice"},
		{"G0121", `"x' OR 1"`, ":9: value_sets.tests: code"},
		{"sql: measure.sql", "sql: ../measure.sql", ":11: sql"},
		{"sql: measure.sql", "sql: other.sql", ":11: sql"},
		{"num: 20000", "num: 0", ":12: cap.num"},
		{"num: 20000", "num: 20001", ":12: cap.num: is 20001, above cap.den"},
		{"num: 20000", "num: 1.5", ":12: \"1.5\" is not a whole number"},
		{"num: 20000", "num: 0o20", ":12: \"0o20\" is not a whole number"},
		{"  unit: percent", "  unit: percent\n  range: [5, 9.5]", ":16: \"9.5\" is not a whole number"},
		{"  unit: percent", "  unit: percent\n  step: 3", ":13: release.scale"},
		{"  unit: percent", "  unit: percent\n  step: 2\n  range: [5, 95]", ":17: release.range: [5, 95] is not divisible"},
		{"  unit: percent", "  kind: benchmarks\n  unit: percent", ":15: release.kind: \"benchmarks\" is not benchmark-only"},
		{"  unit: percent", "  kind: \"\"\n  unit: percent", ":15: release.kind: is empty"},
		{"  unit: percent", "  unit: percent\n  range: [5]", ":16: release.range"},
		{"  unit: percent", "  unit: percent\n  scale: {num: 10, den: 1}", ":16: release.scale: is 10/1"},
		{"  unit: percent", "  unit: days", ":13: release.scale: is missing"},
		{"  unit: percent", "  unit: percent\n  range: [0, 101]", "leaves 0…100"},
		{"type: proportion", "type: ratio", "unit percent needs type proportion"},
		{"rationale: finds cancer early\n", "", "rationale: is missing"},
		{"title: Colorectal", "title: \"\\u202e\" # Colorectal", "U+202E"},
		{"licence: Apache-2.0\n", "licence: Apache-2.0\n---\nid: x\n", "more than one YAML document"},
		{"title: Colorectal cancer screening", "title: &t Colorectal", ":3: anchors"},
	} {
		text := strings.Replace(yamlText, c.old, c.new, 1)
		if text == yamlText {
			t.Fatalf("%q is not in the header", c.old)
		}
		_, err := parse(t, text)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "lib/qp-crc/measure.yaml") {
			t.Errorf("%q: %v\nwant %s", c.new, err, c.want)
		}
	}
	if _, err := Parse(fstest.MapFS{}, "none"); err == nil || !strings.Contains(err.Error(), "none/measure.yaml") {
		t.Error(err)
	}
}

func TestCanonical(t *testing.T) {
	s, err := parse(t, yamlText)
	if err != nil {
		t.Fatal(err)
	}
	canon := s.Canonical()
	again, err := ParseCanonical(canon)
	if err != nil || !bytes.Equal(again.Canonical(), canon) || again.Hash() != s.Hash() {
		t.Fatal(err)
	}
	// The form is what members voted on: it may not change without a new Format.
	const want = "8025df781d"
	if h := s.Hash(); hex.EncodeToString(h[:5]) != want {
		t.Errorf("hash begins with %x, want %s; canonical form:\n%s", h[:5], want, canon)
	}
	for _, c := range []struct{ old, new, want string }{
		{`{"format"`, ` {"format"`, "not in canonical form"},
		{`"id":"qp-crc",`, `"id":"qp-crc","id":"qp-crc",`, "not in canonical form"},
		{`"id":"qp-crc",`, `"ID":"qp-crc",`, "not in canonical form"},
		{`"id":"qp-crc",`, `"extra":1,"id":"qp-crc",`, "unknown field"},
		{Format, "tacet/measure/v0", "has format"},
		{`"num":20000`, `"num":2e4`, "decode"},
		{`"num":20000`, `"num":0`, "cap.num"},
		{"<", `\u003c`, "not in canonical form"},
		{"early", "ea\xffrly", "U+FFFD"},
		{`"Apache-2.0"}`, `"Apache-2.0"}{}`, "data after the end"},
	} {
		bad := bytes.Replace(canon, []byte(c.old), []byte(c.new), 1)
		if bytes.Equal(bad, canon) {
			t.Fatalf("%q is not in the canonical form", c.old)
		}
		if _, err := ParseCanonical(bad); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.new, err, c.want)
		}
	}
	if _, err := ParseCanonical(make([]byte, MaxCanonical+1)); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Error(err)
	}
}

func FuzzParseCanonical(f *testing.F) {
	s, err := Parse(fstest.MapFS{"m/measure.yaml": {Data: []byte(yamlText)}, "m/measure.sql": {Data: []byte(sqlText)}}, "m")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Canonical())
	f.Add([]byte(`{"format":"tacet/measure/v1"}`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseCanonical(data)
		if err != nil {
			return
		}
		if !bytes.Equal(s.Canonical(), data) {
			t.Fatal("accepted bytes that are not canonical")
		}
		if lo, hi := s.Release.Steps(); lo < 0 || lo >= hi {
			t.Fatal("accepted an empty range")
		}
	})
}
