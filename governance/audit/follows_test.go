package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/risk"
)

// approveSum has a motion on a sum carried.
func (w *world) approveSum(d rules.SumDefine) {
	w.t.Helper()
	body, err := entry.Canonical(d)
	if err != nil {
		w.t.Fatal(err)
	}
	id := "m-" + d.ID
	w.do("convener", rules.KindMotionPropose, rules.MotionPropose{ID: id, Subject: rules.SubjectSum, Body: body})
	for _, p := range payers {
		w.do(p, rules.KindMotionVote, rules.MotionVote{ID: id, Choice: rules.Yes})
	}
	w.do("convener", rules.KindMotionCarry, rules.MotionCarry{ID: id})
}

// sum opens a stage of the sum approved last. model makes what everybody present signs of what follows; nil of nothing puts nothing on record.
func (w *world) sum(stage string, after []string, values []int64, model func([]byte) []byte) {
	w.t.Helper()
	all := w.state.Sums()
	def := all[len(all)-1]
	t := SumTable{Run: def.ID + "-" + stage, Sum: def.Hash, Stage: stage, Period: "2024", Present: payers, Dropped: []string{}, Values: values}
	w.do("convener", rules.KindRunAggregate, rules.RunAggregate{
		Run: t.Run, Sum: def.Hash, Stage: stage, After: append([]string{}, after...), Length: int64(len(values)), Threshold: 3, Period: t.Period, Contributors: payers, Recipients: payers,
		Deadlines: rules.Deadlines{Prepare: 60, Keys: 60, Input: 60, Refresh: 60, Release: 60, Certify: 60}, Purpose: "test", Agreement: "agreement 1",
	})
	raw, err := t.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	var past []SumTable
	for _, n := range after {
		p, err := ReadSum(w.tables[n])
		if err != nil {
			w.t.Fatal(err)
		}
		past = append(past, p)
	}
	follows, err := Follows(def, t, past, w.state.Models())
	if err != nil {
		w.t.Fatal(err)
	}
	if model != nil {
		follows = model(follows)
	}
	run, _ := w.state.Run(t.Run)
	hash := sha256.Sum256(raw)
	st := rules.Statement{Run: t.Run, Manifest: run.Manifest, Transcript: strings.Repeat("cd", 32), Table: hex.EncodeToString(hash[:]), Set: rules.SumSet}
	if follows != nil {
		hash := sha256.Sum256(follows)
		st.Model = hex.EncodeToString(hash[:])
	}
	text, err := st.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	body := rules.RunCertify{Statement: st}
	for _, r := range payers {
		body.Signatures = append(body.Signatures, rules.Signature{Member: r, Signature: key(w.t, r).Sign(rules.CertificateContext, text)})
	}
	w.do("convener", rules.KindRunCertify, body)
	w.tables[t.Run] = raw
	if follows != nil {
		w.do("convener", rules.KindModelSet, rules.ModelSet{ID: def.ID, Version: 1, Run: t.Run, Model: follows})
	}
}

// sums is a world in which a risk model and a reliability were made.
func sums(t *testing.T, model func([]byte) []byte) *world {
	w := newWorld(t)
	s := w.approve()
	d := risk.DefaultDefinition()
	d.Bands, d.Categories = []int{0}, nil
	w.approveSum(rules.SumDefine{ID: "risk", Version: 1, Kind: rules.SumRisk, Definition: d.Canonical(), Cap: 1 << 40, Profile: "quality-rate", Rationale: "test"})
	w.sum("presence-1", nil, []int64{3, 3}, nil)
	// People, Σy, Σy², women, women and men, men, Σy of women and of men.
	w.sum("equations", []string{"risk-presence-1"}, []int64{100, 5000, 300_000, 60, 0, 40, 2800, 2200}, model)
	hash := s.Hash()
	w.approveSum(rules.SumDefine{
		ID: "reliability", Version: 1, Kind: rules.SumReliability, Definition: risk.ReliabilityDefinition{Measure: hex.EncodeToString(hash[:])}.Canonical(), Cap: 1 << 40, Profile: "quality-rate", Rationale: "test",
	})
	w.sum("components", nil, []int64{30, 3000, 1800, 320_000, 1_130_000_000}, nil)
	return w
}

// TestSums: what follows from sums is made again of their tables, and what does not follow is found, whoever has signed it.
func TestSums(t *testing.T) {
	w := sums(t, nil)
	b := w.bundle(payers...)
	res, err := Verify(b, Options{})
	if err != nil || !res.Verified || len(res.Sums) != 3 {
		t.Fatalf("%v %+v", err, res)
	}
	for i, x := range res.Sums {
		if model := i > 0; x.Again != model || (x.Model != "") != model || (x.Recorded == 1) != model || x.Present != 3 || x.Why != "" {
			t.Errorf("%+v", x)
		}
	}
	files, err := b.Files()
	if err != nil {
		t.Fatal(err)
	}
	edit := func(what, name, from, to string, code Code, partial bool) *Result {
		t.Helper()
		edited := map[string][]byte{}
		for n, d := range files {
			edited[n] = d
		}
		if to == "" {
			delete(edited, name)
		} else if edited[name] = bytes.Replace(files[name], []byte(from), []byte(to), 1); bytes.Equal(edited[name], files[name]) {
			t.Fatalf("%s: nothing to edit", what)
		}
		res, err := Verify(NewBundle(edited), Options{Partial: partial})
		if err != nil {
			t.Fatal(err)
		}
		if code != "" && !slices.ContainsFunc(res.Findings, func(f Finding) bool { return f.Code == code }) {
			t.Errorf("%s: %v", what, res.Findings)
		}
		return res
	}
	edit("a sum", "releases/risk-equations/table.json", "2800", "2801", CodeTableHash, false)
	edit("the model on record", "tile/entries/000.p/"+entries(t, files), `"people":100`, `"people":101`, CodeRule, false)
	edit("no table", "releases/risk-presence-1/table.json", "", "", CodeFileMissing, false)
	// An auditor without the first table says what it could not make again.
	res = edit("partial", "releases/risk-presence-1/table.json", "", "", "", true)
	if i := slices.IndexFunc(res.Sums, func(x Sum) bool { return x.Stage == "equations" }); i < 0 || res.Sums[i].Again || !strings.Contains(res.Sums[i].Why, "risk-presence-1") {
		t.Errorf("%+v", res.Sums)
	}

	// All of them together sign another model than the sum makes.
	w = sums(t, func(m []byte) []byte { return bytes.Replace(m, []byte(`"people":100`), []byte(`"people":101`), 1) })
	res, err = Verify(w.bundle(payers...), Options{})
	if err != nil || res.Verified || len(res.Findings) != 1 || res.Findings[0].Code != CodeModel {
		t.Errorf("%v %v", err, res.Findings)
	}
}

// entries is the width of the bundle's one tile of entries.
func entries(t *testing.T, files map[string][]byte) string {
	for n := range files {
		if width, ok := strings.CutPrefix(n, "tile/entries/000.p/"); ok {
			return width
		}
	}
	t.Fatal("no entries")
	return ""
}

// TestReliabilityOfCells: cells say of their reliability what a line allows, and nothing else.
func TestReliabilityOfCells(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]struct {
		line  []int64 // of the run's manifest; none: it does not ask
		cells [3]*bool
		text  string // of what is wrong
	}{
		"as asked":             {[]int64{36}, [3]*bool{&yes, &no, nil}, ""},
		"a word missing":       {[]int64{36}, [3]*bool{&yes, nil, nil}, "which the run asks for"},
		"a suppressed one":     {[]int64{36}, [3]*bool{&yes, &no, &no}, "a suppressed cell"},
		"nobody asked":         {nil, [3]*bool{&yes, nil, nil}, "which the run does not ask for"},
		"nobody asked, silent": {nil, [3]*bool{}, ""},
	} {
		w := sums(t, nil)
		hash := w.state.Measures()[0].Hash
		s := w.state.Measures()[0].Spec()
		for range c.line {
			l, ok := w.state.Line(hash, "2024", payers)
			if !ok || l.Run != "reliability-components" || l.Line != c.line[0] {
				t.Fatalf("the line on record is %+v", l)
			}
			w.lines = []rules.ReliabilityLine{l}
		}
		w.authorise("r-1", "2024", s)
		x := table("r-1", "2024", s)
		for i := range x.Cells {
			x.Cells[i].Reliable = c.cells[i]
		}
		w.certify(x)
		b, err := Build(os.DirFS(w.export(payers...)), func(run, name string) ([]byte, error) {
			return map[bool][]byte{true: w.tables[run]}[name == tableName], nil
		})
		if (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if res, err := Verify(b, Options{}); err != nil || !res.Verified {
				t.Errorf("%s: %v %+v", name, err, res)
			}
		}
	}
}

// TestReliabilityMarks: a release.csv says nothing of reliability; with the marks of its certificate it is the signed table again.
func TestReliabilityMarks(t *testing.T) {
	const release = "practice_id,measure_id,measure_version,period,stratum,status,value,bound,unit,run_id\n" +
		"p-1,m,1.0.0,2024,all,released,42,,percent,r-1\np-2,m,1.0.0,2024,all,released,43,,percent,r-1\np-3,m,1.0.0,2024,all,suppressed,,,percent,r-1\n"
	certificate := func(marks string) []byte {
		b, err := json.MarshalIndent(Certificate{Signatures: map[string][]byte{}, Proof: []string{}, Reliability: marks}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	raw, err := TableFromCSV([]byte(release), certificate("+-."))
	if err != nil || strings.Count(string(raw), `"reliable":true`) != 1 || strings.Count(string(raw), `"reliable":false`) != 1 {
		t.Errorf("%v %s", err, raw)
	}
	if again, err := Marks(raw); err != nil || again != "+-." {
		t.Errorf("the marks are %q, %v", again, err)
	}
	if raw, err := TableFromCSV([]byte(release), certificate("")); err != nil || strings.Contains(string(raw), "reliable") {
		t.Errorf("without marks: %v %s", err, raw)
	}
	for _, marks := range []string{"+-", "+-..", "+-0"} {
		if _, err := TableFromCSV([]byte(release), certificate(marks)); err == nil {
			t.Errorf("marks %q were taken", marks)
		}
	}
	x, err := readTable(raw)
	if err != nil || marked(certificate("+-."), "c", x) != nil || marked(certificate(""), "c", x) != nil || marked(certificate("--."), "c", x) == nil {
		t.Errorf("marks are not held against the table: %v", err)
	}
}
