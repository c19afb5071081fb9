package transcript

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
)

var hole = regexp.MustCompile(`\$\{([a-z]+):([^}]*)\}`)

// body is the body of an entry as a line gives it.
func (w *World) body(author, kind, text string) string {
	var signers string
	text = hole.ReplaceAllStringFunc(text, func(h string) string {
		m := hole.FindStringSubmatch(h)
		if m[1] == "sign" {
			signers = m[2]
			return "[]"
		}
		return w.expand(m[1], strings.Split(m[2], ":"))
	})
	if signers != "" {
		return w.certificate(text, signers)
	}
	if strings.HasPrefix(text, "{") {
		return text
	}
	f := words(text)
	var b any
	switch kind {
	case rules.KindRunAuthorise:
		m := w.manifest(f[0])
		w.change(&m, f[1:])
		b = m
	case rules.KindRunAggregate:
		all := w.State.Sums()
		m := rules.RunAggregate{Run: f[0], Stage: "equations", After: []string{}, Length: 10, Threshold: 3, Period: "2010", Contributors: []string{"payer-a", "payer-b", "payer-c"},
			Recipients: []string{"convener", "payer-a", "payer-b", "payer-c"}, Deadlines: rules.Deadlines{Prepare: 600, Keys: 600, Input: 600, Refresh: 600, Release: 600, Certify: 600}, Purpose: "test", Agreement: "agreement-1"}
		if len(all) > 0 {
			m.Sum = all[len(all)-1].Hash
		}
		w.set(&m, f[1:])
		b = m
	case rules.KindReleaseRestate:
		r := rules.ReleaseRestate{Reason: "an error", Manifest: w.manifest(f[0])}
		for _, x := range f[1:] {
			if name, _, _ := strings.Cut(x, "="); name == "restates" || name == "appeal" || name == "reason" {
				w.set(&r, []string{x})
			} else {
				w.change(&r.Manifest, []string{x})
			}
		}
		b = r
	case rules.KindMotionPropose:
		m := rules.MotionPropose{ID: f[0], Subject: f[1]}
		if len(f) > 2 && f[2][0] == '{' {
			m.Body = json.RawMessage(f[2])
		} else {
			subject := w.template(f[1])
			w.set(subject, f[2:])
			m.Body = w.canonical(subject)
		}
		b = m
	default:
		b = w.template(kind)
		signers := ""
		if n := len(f) - 1; n >= 0 && strings.HasPrefix(f[n], "signed=") {
			signers, f = strings.TrimPrefix(f[n], "signed="), f[:n]
		}
		w.set(b, f)
		w.present(b, signers)
	}
	return string(w.canonical(b))
}

func (w *World) canonical(v any) []byte {
	b, err := entry.Canonical(v)
	if err != nil {
		w.t.Fatalf("print: %v", err)
	}
	return b
}

// set changes fields of v, a pointer to a struct: name=JSON, name=word or name=@date.
func (w *World) set(v any, fields []string) {
	for _, x := range fields {
		name, value, _ := strings.Cut(x, "=")
		if date, ok := strings.CutPrefix(value, "@"); ok {
			value = string(w.canonical(w.date(date)))
		}
		if !json.Valid([]byte(value)) || entry.IsHash(value) {
			value = string(w.canonical(value))
		}
		d := json.NewDecoder(strings.NewReader(`{"` + name + `":` + value + `}`))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			w.t.Fatalf("%s: %v", x, err)
		}
	}
}

func ref(id, profile string) rules.MeasureRef {
	h := Spec(id, "1.0.0").Hash()
	return rules.MeasureRef{ID: id, Version: "1.0.0", Hash: hex.EncodeToString(h[:]), Profile: profile}
}

// manifest is the standard manifest.
func (w *World) manifest(run string) rules.RunAuthorise {
	return rules.RunAuthorise{Run: run, Measures: []rules.MeasureRef{ref("m-rate", "quality-rate"), ref("m-cost", "price-like")},
		Caps: []rules.Ratio{{Num: 1000, Den: 1000}, {Num: 5000, Den: 5000}}, Period: "2010", Roster: rules.RosterHash([]string{"p1", "p2", "p3"}),
		Contributors: []string{"payer-a", "payer-b", "payer-c"}, Recipients: []string{"convener", "payer-a", "payer-b"},
		Cells:      []rules.CellRef{{Measure: 0, Practice: "p1", Stratum: "all"}, {Measure: 0, Practice: "p3", Stratum: "all"}, {Measure: 1, Practice: "p1", Stratum: "all"}},
		Parameters: rules.Parameters{Set: "standard", Plan: strings.Repeat("ab", 32)}, Deadlines: rules.Deadlines{Prepare: 600, Keys: 600, Input: 600, Refresh: 600, Release: 600, Certify: 600}, Purpose: "test", Agreement: "agreement-1"}
}

// change sets fields of a manifest. over=VERSION:FROM-TO takes m-rate alone, in that version, over practices pFROM to pTO.
func (w *World) change(m *rules.RunAuthorise, fields []string) {
	for _, x := range fields {
		value, ok := strings.CutPrefix(x, "over=")
		if !ok {
			w.set(m, []string{x})
			continue
		}
		version, practices, _ := strings.Cut(value, ":")
		var from, to int
		if _, err := fmt.Sscanf(practices, "%d-%d", &from, &to); err != nil {
			w.t.Fatalf("%s: %v", x, err)
		}
		m.Measures, m.Caps, m.Cells = m.Measures[:1], m.Caps[:1], nil
		h := Spec("m-rate", version).Hash()
		m.Measures[0].Version, m.Measures[0].Hash = version, hex.EncodeToString(h[:])
		for i := from; i <= to; i++ {
			m.Cells = append(m.Cells, rules.CellRef{Practice: fmt.Sprintf("p%d", i), Stratum: "all"})
		}
	}
}

// Spec is a measure, stratified when its id has "-by-" in it; a star behind the id gives another content under the same id.
func Spec(id, version string) *measures.Spec {
	id, other := strings.CutSuffix(id, "*")
	title := map[bool]string{false: "Test", true: "Another test"}[other]
	_, kind, _ := strings.Cut(id, "-by-")
	s := &measures.Spec{ID: id, Version: version, Title: title, Type: measures.Proportion, Direction: measures.Higher, Grain: "practice",
		Inputs: []string{"eligibility"}, SQL: "SELECT practice, stratum, num, den FROM eligibility", Stratify: kind, Cap: measures.Cap{Num: 1000, Den: 1000},
		Release:   measures.Release{Profile: "quality-rate", Unit: measures.Percent, Scale: measures.Scale{Num: 100, Den: 1}, Step: 1, Range: [2]int64{0, 100}, MinDen: 30},
		Rationale: "test", Source: "test", Licence: "Apache-2.0"}
	if id == "m-cost" {
		s.Type, s.Direction, s.Cap = measures.PMPM, measures.Lower, measures.Cap{Num: 5000, Den: 5000}
		s.Release = measures.Release{Profile: "price-like", Unit: "usd", Scale: measures.Scale{Num: 1, Den: 2}, Step: 20, Range: [2]int64{0, 1000}, MinDen: 600}
	}
	if id == "m-index" {
		s.Type, s.Direction, s.Model = measures.ObservedExpected, measures.Lower, "risk"
		s.Release = measures.Release{Profile: "quality-rate", Unit: "index", Scale: measures.Scale{Num: 20, Den: 1}, Step: 5, Range: [2]int64{0, 200}, MinDen: 300}
	}
	if strings.HasPrefix(version, "2.") {
		s.Release.Kind = measures.BenchmarkOnly
	}
	return s
}

func (w *World) expand(what string, arg []string) string {
	switch what {
	case "spec":
		return base64.StdEncoding.EncodeToString(Spec(arg[0], arg[1]).Canonical())
	case "spechash":
		h := Spec(arg[0], arg[1]).Hash()
		return hex.EncodeToString(h[:])
	case "profile":
		return string(w.profile(arg).Canonical())
	case "profilehash":
		h := w.profile(arg).Hash()
		return hex.EncodeToString(h[:])
	case "roster":
		return `["` + strings.ReplaceAll(arg[0], ",", `","`) + `"]`
	case "rosterhash":
		if len(arg) > 1 {
			return rules.RegionalHash(strings.Split(arg[0], ","), strings.Split(arg[1], ","))
		}
		return rules.RosterHash(strings.Split(arg[0], ","))
	case "hash":
		return strings.Repeat(arg[0], 64)[:64]
	case "manifest":
		r, _ := w.State.Run(arg[0])
		return r.Manifest
	case "sum": // hash of the last version
		var hash string
		for _, x := range w.State.Sums() {
			if x.ID == arg[0] {
				hash = x.Hash
			}
		}
		return hash
	case "structure": // hash of the last one on record
		all := w.State.Structures()
		return all[len(all)-1].Hash
	case "seal": // ADOPTION:MEMBER:ANSWER, under the salt of hash:5
		return rules.AdoptionDigest(Ledger, arg[0], arg[1], rules.Answer(arg[2]), strings.Repeat("5", 64))
	case "member":
		p := w.Key(arg[0]).Public()
		if len(arg) > 1 { // with a key of somebody else
			p.HPKE = w.Key(arg[1]).Public().HPKE
		}
		return string(p.Canonical())
	case "fresh": // new keys of a member
		w.fresh[arg[0]] = w.generate(arg[0])
		return string(w.fresh[arg[0]].Public().Canonical())
	case "proof": // that the new keys follow the present ones; with "!" one that does not verify
		name, bad := strings.CutSuffix(arg[0], "!")
		st, err := rules.RotateStatement(Ledger, w.Key(name).Public(), w.fresh[name].Public())
		if err != nil {
			w.t.Fatalf("rotate %s: %v", name, err)
		}
		sig := w.fresh[name].Sign(rules.RotateContext, st)
		if bad {
			sig[10] ^= 1
		}
		return base64.StdEncoding.EncodeToString(sig)
	case "endorse":
		b := rules.MemberJoin{Member: w.Key(arg[0]).Public(), Role: rules.RolePayer}
		if len(arg) > 2 {
			b.Role = rules.Role(arg[2])
		}
		st, err := b.Statement(Ledger)
		if err != nil {
			w.t.Fatalf("endorse: %v", err)
		}
		return w.signatures(rules.JoinContext, st, arg[1])
	}
	w.t.Fatalf("unknown ${%s:…}", what)
	return ""
}

// profile is a built-in profile with some fields changed.
func (w *World) profile(arg []string) disclosure.Profile {
	p := disclosure.QualityRate()
	if arg[0] == "price-like" {
		p = disclosure.PriceLike()
	}
	if len(arg) > 1 && arg[1] != "" {
		w.set(&p, strings.Split(arg[1], ","))
	}
	return p
}
