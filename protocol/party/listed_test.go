package party_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestHostileActsAreTested: the tests that the package's specification names exist.
func TestHostileActsAreTested(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	must(t, err)
	there := map[string]bool{}
	for _, glob := range []string{"../*/*_test.go", "../*/*/*_test.go"} {
		files, err := filepath.Glob(glob)
		must(t, err)
		for _, f := range files {
			b, err := os.ReadFile(f)
			must(t, err)
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(t`).FindAllSubmatch(b, -1) {
				there[string(m[1])] = true
			}
		}
	}
	named := regexp.MustCompile(`Test\w+`).FindAllString(string(doc), -1)
	if len(named) < 20 {
		t.Fatalf("%d tests are named", len(named))
	}
	for _, name := range named {
		if !there[name] {
			t.Errorf("there is no %s", name)
		}
	}
}
