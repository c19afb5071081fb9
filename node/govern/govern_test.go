package govern

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/governance/rules/transcript"
	"github.com/tacet-health/tacet/node/admin"
)

// hand is one person's hand on a member of a world.
type hand struct {
	t *testing.T
	w *transcript.World
}

const salt = "5555555555555555555555555555555555555555555555555555555555555555"

// act drafts as a member would, holds the preview against the verdict, and writes. It returns the description, or the refusal's code.
func (h hand) act(author, verb string, args []string, content string, options map[string]string) (text, diff, code string) {
	h.t.Helper()
	me := Member{Name: author, Seal: func(string, rules.Answer) (string, error) { return salt, nil },
		Answer: func(string, string) (rules.Answer, string, error) { return rules.AdoptPartial, salt, nil },
		Root:   func(uint64) ([32]byte, error) { return [32]byte{1}, nil }}
	kind, body, err := Compose(h.w.State, me, admin.Act{Verb: verb, Args: args, Content: []byte(content), Options: options})
	if p, ok := errors.AsType[*admin.Problem](err); ok {
		return "", "", p.Code
	}
	if err != nil {
		return "", "", err.Error()
	}
	text, diff = Describe(h.w.State, kind, body)
	before := h.w.State.Hash()
	r := h.w.State.Preview(author, kind, body)
	if h.w.State.Hash() != before {
		h.t.Fatal("a preview changes the state")
	}
	seq, prev := h.w.State.Next(author)
	signed, err := entry.Sign(h.w.Key(author), entry.Entry{Origin: transcript.Ledger, Author: author, Seq: seq, Prev: prev, Kind: kind, Version: 1, Body: body})
	if err != nil {
		h.t.Fatal(err)
	}
	v := h.w.Judge(signed)
	if (r == nil) != (v.Refusal == nil) || r != nil && *r != *v.Refusal {
		h.t.Fatalf("%s %s: the preview says %v, the rules %v", verb, args, r, v.Refusal)
	}
	if r != nil {
		return text, diff, string(r.Code)
	}
	if text == "" {
		h.t.Errorf("%s: no text", kind)
	}
	return text, diff, ""
}

// done is act, which must be accepted.
func (h hand) done(author, verb string, args []string, content string, options map[string]string) (text, diff string) {
	h.t.Helper()
	text, diff, code := h.act(author, verb, args, content, options)
	if code != "" {
		h.t.Fatalf("%s %s %v: %s", author, verb, args, code)
	}
	return text, diff
}

func (h hand) carry(motion string) {
	h.t.Helper()
	for _, p := range transcript.Founders[:3] {
		h.done(p, "vote", []string{motion, "yes"}, "", nil)
	}
	h.done("convener", "approve", []string{motion}, "", nil)
}

func has(t *testing.T, what string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(what, w) {
			t.Errorf("%q is not in\n%s", w, what)
		}
	}
}

// TestYear: what people do in a year, as they would type it.
func TestYear(t *testing.T) {
	h := hand{t, transcript.New(t)}
	h.w.Do("time 2021-01-01")
	sum := sha256.Sum256([]byte("We do not talk about prices.\n"))
	charter := `{"quorum_percent":51,"majority_percent":50,"veto_seconds":"2d","appeal_seconds":"30d","panel_size":3,"attestation":"` + hex.EncodeToString(sum[:]) + `"}`
	text, diff := h.done("payer-a", "propose", []string{"charter"}, charter, nil)
	has(t, text, "motion charter-1", "veto 2, appeal 30")
	has(t, diff, "+   \"quorum_percent\": 51", "+   \"veto_seconds\": 172800")
	if _, _, code := h.act("payer-b", "vote", []string{"charter-1", "perhaps"}, "", nil); code != string(rules.CodeForm) {
		t.Errorf("a vote of perhaps: %s", code)
	}
	h.done("payer-b", "comment", []string{"charter-1", "why <30> & not 60?"}, "", nil)
	d := Open(h.w.State, "payer-a")
	if len(d.Items) != 1 || len(d.Items[0].Waits) != 4 || len(d.Items[0].Yours) != 2 {
		t.Fatalf("docket %+v", d)
	}
	has(t, strings.Join(d.Items[0].Yours, "\n"), "vote charter-1 yes|no|abstain", "respond charter-1 6 TEXT")
	if _, _, code := h.act("convener", "approve", []string{"charter-1"}, "", nil); code != string(rules.CodeUnanswered) {
		t.Errorf("unanswered: %s", code)
	}
	h.done("payer-a", "respond", []string{"charter-1", "6", "because"}, "", nil)
	h.carry("charter-1")
	_, diff = h.done("payer-a", "propose", []string{"charter"}, strings.Replace(charter, `"2d"`, `"3d"`, 1), nil)
	has(t, diff, "-   \"veto_seconds\": 172800", "+   \"veto_seconds\": 259200", "    \"panel_size\": 3")
	h.done("payer-a", "withdraw", []string{"charter-2"}, "", nil)

	h.done("payer-a", "attest", nil, "We do not talk about prices.\n", nil)
	if _, _, code := h.act("payer-b", "attest", nil, "something else", nil); code != string(rules.CodeAttestation) {
		t.Errorf("another statement: %s", code)
	}
	h.w.Do("given profiles")
	h.w.Do("given measures")
	text, diff = h.done("payer-a", "propose", []string{"structure"}, `{"id":"primary-care","title":"Primary care","binding":false,"direct_percent":60,"population_percent":30,"incentive_percent":10,
		"tracks":[{"id":"shared","title":"Shared savings","upside_percent":10,"downside_percent":5,"stop_loss_percent":4,"glide":[]}],
		"measures":[{"measure":"m-rate","weight":100,"benchmarks":[60,70],"attainment_percent":70,"improvement_percent":30}],"frozen_until":"2022-01-01","social_risk_percent":5,"notes":""}`, nil)
	has(t, text, "not binding")
	has(t, diff, "+   \"frozen_until\": 1640995200")
	h.carry("structure-1")
	h.done("convener", "adopt-open", []string{"a-1", "primary-care", "intention", "2021-02-01"}, "", nil)
	h.done("payer-a", "adopt-commit", []string{"a-1", "partial"}, "", nil)
	if _, _, code := h.act("payer-a", "adopt-reveal", []string{"a-1"}, "", nil); code != string(rules.CodeWindowOpen) {
		t.Errorf("an early reveal: %s", code)
	}
	h.w.Do("time 2021-02-01")
	has(t, Open(h.w.State, "payer-a").Items[len(Open(h.w.State, "payer-a").Items)-1].Yours[0], "adopt reveal a-1")
	h.done("payer-a", "adopt-reveal", []string{"a-1"}, "", nil)
	_, diff = h.done("payer-b", "propose", []string{"retire", "m-rate"}, "", map[string]string{"reason": "superseded", "id": "end-of-rate"})
	has(t, diff, "- measure m-rate 1.0.0: approved", "+ measure m-rate 1.0.0: retired")
	text, diff = h.done("payer-b", "vote", []string{"end-of-rate", "no"}, "", nil)
	has(t, text, "votes no on motion end-of-rate", "on: measure.retire")
	has(t, diff, "+ measure m-rate 1.0.0: retired")
}

// TestDocumentsAreStrict: what a document does not mean is refused before anybody signs.
func TestDocumentsAreStrict(t *testing.T) {
	h := hand{t, transcript.New(t)}
	for want, a := range map[string]admin.Act{
		"unknown field":         {Verb: "propose", Args: []string{"charter"}, Content: []byte(`{"quorum":51}`)},
		"the document is miss":  {Verb: "propose", Args: []string{"charter"}},
		"stands after it":       {Verb: "propose", Args: []string{"charter"}, Content: []byte(`{} {}`)},
		"number of days":        {Verb: "propose", Args: []string{"charter"}, Content: []byte(`{"veto_seconds":"2 days"}`)},
		"no date":               {Verb: "propose", Args: []string{"agreement"}, Content: []byte(`{"until":"soon"}`)},
		"wrong arguments":       {Verb: "propose", Args: []string{"chair"}},
		"no motion is about":    {Verb: "propose", Args: []string{"lunch"}},
		"want: MATTER TEXT":     {Verb: "comment", Args: []string{"x"}},
		"is this program older": {Verb: "dance"},
		"unknown_measure":       {Verb: "vote", Args: []string{"nothing", "yes"}},
		"no entry's number":     {Verb: "respond", Args: []string{"x", "first", "text"}},
	} {
		if _, _, got := h.act("payer-a", a.Verb, a.Args, string(a.Content), nil); !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", a, got, want)
		}
	}
}

// TestEveryStoryIsDescribed: every entry of the rules' stories has a text, and neither Describe nor Open fails on any state.
func TestEveryStoryIsDescribed(t *testing.T) {
	for _, name := range []string{"committee", "appeal", "submission", "veto", "restate", "merge", "rotate", "statement", "structure"} {
		story, err := os.ReadFile("../../governance/rules/testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		w := transcript.New(t)
		offers := map[string]bool{}
		for line := range strings.Lines(string(story)) {
			if line = strings.TrimSuffix(line, "\n"); line == "" || line[0] == '#' || line[0] == ' ' {
				continue
			}
			n := len(w.Attempts)
			w.Do(line)
			for i, signed := range w.Attempts[n:] {
				if e, err := entry.Open(signed); err == nil && w.Verdicts[n+i].Refusal == nil {
					if text, _ := Describe(w.State, e.Kind, e.Body); text == "" {
						t.Errorf("%s: no text for %s", name, e.Kind)
					}
				}
			}
			for _, m := range w.State.Members() {
				for _, it := range Open(w.State, m.Name).Items {
					for _, y := range it.Yours {
						offers[strings.Fields(y)[2]] = true
					}
				}
			}
		}
		for _, want := range map[string][]string{"committee": {"refer", "publish", "respond", "object", "vote", "approve"}, "appeal": {"appeal", "void"}, "submission": {"audit"}, "veto": {"veto"}}[name] {
			if !offers[want] {
				t.Errorf("%s: nobody was offered %s: %v", name, want, offers)
			}
		}
	}
}

// TestProvenSum: a definition asks for proven bounds; the cap follows from the range.
func TestProvenSum(t *testing.T) {
	h := hand{t, transcript.New(t)}
	h.w.Do("time 2021-01-01")
	h.w.Do("given profiles")
	document := `{"id":"rel","kind":"anything","definition":{},"profile":"quality-rate","rationale":"how many people a rate needs","bound":{"kind":"sumvec","bits":40}}`
	text, _ := h.done("payer-a", "propose", []string{"sum"}, document, nil)
	has(t, text, "motion sum-1", "elements up to 1099511627775, each proven to be in range (prio3-sumvec-1)")
	h.carry("sum-1")
	sums := h.w.State.Sums()
	if len(sums) != 1 || sums[0].Set() != rules.SumSetVector {
		t.Errorf("%+v", sums)
	}
	if _, _, code := h.act("payer-a", "propose", []string{"sum"}, strings.Replace(document, `"bits":40`, `"bits":80`, 1), nil); code != string(rules.CodeForm) {
		t.Errorf("80 bits: %s", code)
	}
	if _, _, code := h.act("payer-a", "propose", []string{"sum"}, strings.Replace(document, `"bits":40`, `"bits":40,"proof":"any"`, 1), nil); code == "" {
		t.Error("a field nobody knows")
	}
}
