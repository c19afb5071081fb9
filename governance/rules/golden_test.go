package rules

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the transcripts in testdata")

var long = regexp.MustCompile(`\b[0-9a-f]{8,}\b`)

// TestTranscripts replays the stories in testdata: each entry and what the rules say of it. The script's language is in
// world_test.go. Hashes are printed as HASH, since they depend on fresh keys.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	used := map[Code]bool{}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			var out strings.Builder
			for _, line := range strings.Split(strings.TrimRight(string(b), "\n"), "\n") {
				if strings.HasPrefix(line, "  -> ") {
					continue
				}
				out.WriteString(line + "\n")
				if line == "" || line[0] == '#' {
					continue
				}
				v := w.do(line)
				if v.Refusal != nil {
					used[v.Refusal.Code] = true
				}
				out.WriteString("  -> " + long.ReplaceAllString(w.say(v), "HASH") + "\n")
			}
			if *update {
				if err := os.WriteFile(f, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if out.String() != string(b) {
				t.Errorf("the transcript differs; -update writes it:\n%s", firstDifference(string(b), out.String()))
			}
		})
	}
	for _, c := range allCodes(t) {
		if !used[c] && c != CodeInternal && c != CodeTooMany { // these two have tests of their own
			t.Errorf("no transcript ends in %q", c)
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
func allCodes(t *testing.T) (out []Code) {
	b, err := os.ReadFile("refusal.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`Code\s+Code = "([a-z_]+)"|Code\w+\s+Code\s+= "([a-z_]+)"`).FindAllStringSubmatch(string(b), -1) {
		out = append(out, Code(m[1]+m[2]))
	}
	if len(out) < 30 {
		t.Fatalf("%d codes found", len(out))
	}
	return out
}
