package rules

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryCodeIsExplained: by the table, in the words of the package comment.
func TestEveryCodeIsExplained(t *testing.T) {
	src, err := os.ReadFile("refusal.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`Code = "([a-z_]+)"`).FindAllStringSubmatch(string(src), -1)
	if len(codes) < 60 || len(codes) != len(explanations) {
		t.Fatalf("%d codes, %d explanations", len(codes), len(explanations))
	}
	for _, c := range codes {
		x := Explain(Code(c[1]))
		if x == "" || !regexp.MustCompile(`(?m)^//\t`+c[1]+` +`+regexp.QuoteMeta(x)+`$`).Match(doc) {
			t.Errorf("%s: %q is not what doc.go says", c[1], x)
		}
	}
	if Explain("nothing") != "" || strings.TrimSpace(Explain(CodeForm)) == "" {
		t.Error("a code that nobody knows has a text, or a known one has none")
	}
}
