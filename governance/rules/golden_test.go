package rules_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/governance/rules/transcript"
)

var update = flag.Bool("update", false, "write the transcripts in testdata")

// TestTranscripts replays the stories in testdata: each entry and what the rules say of it. Their language is in package transcript.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	// Each rule passes in one place and refuses in another, for a reason of its own and not for the form or the author that all kinds have in common.
	refused, accepted, denied := map[rules.Code]bool{}, map[string]bool{}, map[string]bool{}
	common := []rules.Code{rules.CodeForm, rules.CodeOrigin, rules.CodeNotMember, rules.CodeAuthorSequence, rules.CodeSignature, rules.CodeUnknownKind, rules.CodeUnknownVersion, rules.CodeInternal}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			w := transcript.New(t)
			out := w.Play(string(b))
			for i, v := range w.Verdicts {
				if v.Refusal != nil {
					refused[v.Refusal.Code] = true
					if slices.Contains(common, v.Refusal.Code) {
						continue
					}
				}
				kind, subject := kindOf(t, w.Attempts[i])
				if v.Refusal != nil {
					denied[kind], denied[subject] = true, true
				} else {
					accepted[kind], accepted[subject] = true, true
				}
			}
			replayed(t, w)
			if *update {
				if err := os.WriteFile(f, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if out != string(b) {
				t.Errorf("the transcript differs; -update writes it:\n%s", firstDifference(string(b), out))
			}
		})
	}
	for _, c := range allCodes(t) {
		if !refused[c] && c != rules.CodeInternal && c != rules.CodeTooMany { // these two have tests of their own
			t.Errorf("no transcript ends in %q", c)
		}
	}
	for _, k := range append(rules.Kinds(), rules.Subjects()...) {
		if !accepted[k] {
			t.Errorf("no transcript has a %s that is accepted", k)
		}
		if !denied[k] {
			t.Errorf("no transcript has a %s that is refused by its own rule", k)
		}
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "want " + w[i] + "\ngot  " + g[i]
		}
	}
	return "one of them is longer"
}

// allCodes reads the codes from the source, so that a new one without a transcript is noticed.
func allCodes(t *testing.T) (out []rules.Code) {
	b, err := os.ReadFile("refusal.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`Code\s+Code = "([a-z_]+)"|Code\w+\s+Code\s+= "([a-z_]+)"`).FindAllStringSubmatch(string(b), -1) {
		out = append(out, rules.Code(m[1]+m[2]))
	}
	if len(out) < 70 {
		t.Fatalf("%d codes found", len(out))
	}
	return out
}

// TestDocumented holds the package comment against the code: every kind, subject and reason is in it.
func TestDocumented(t *testing.T) {
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	for _, k := range append(rules.Kinds(), rules.Subjects()...) {
		if !regexp.MustCompile(`(?m)^//\t` + regexp.QuoteMeta(k) + ` `).MatchString(doc) {
			t.Errorf("doc.go has no line on %s", k)
		}
	}
	for _, c := range allCodes(t) {
		if !regexp.MustCompile(`(?m)^//\t` + string(c) + ` `).MatchString(doc) {
			t.Errorf("doc.go has no line on reason %s", c)
		}
	}
}
