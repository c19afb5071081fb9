package audit

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/rules"
)

// TestReportIsPlain: a page that a screen reader, a printer and a strict policy take: no script, nothing from elsewhere, every element closed, every
// header cell with its scope, what members wrote as text and not as markup.
func TestReportIsPlain(t *testing.T) {
	w := newWorld(t)
	s := w.approve()
	w.authorise("r-1", "2023", s)
	w.certify(table("r-1", "2023", s))
	w.authorise("r-2", "2024", s)
	w.do("payer-b", rules.KindRunVoid, rules.RunVoid{Run: "r-2", Reason: `<script>alert("x")</script>`})
	page := read(t, w.bundle(payers...), reportName)
	for _, bad := range []string{"<script", "http://", "src=", "javascript:", "@import"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;", "p&lt;3&gt;", "≥ ", "2 yes: payer-a (entry 3), payer-c (entry 5); 1 no: payer-b (entry 4)", "17 bits", "INSECURE",
		"Run r-2: void", `<html lang="en">`, "@media print", "prefers-color-scheme: dark", "denominator at least 30"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %q", want)
		}
	}
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Entity = xml.HTMLEntity
	headings := 1
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		el, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		has := map[string]string{}
		for _, a := range el.Attr {
			has[a.Name.Local] = a.Value
		}
		name := el.Name.Local
		if name == "th" && has["scope"] == "" {
			t.Error("a header cell without a scope")
		}
		if has["class"] == "scroll" && (has["tabindex"] != "0" || has["aria-label"] == "") {
			t.Error("a part that scrolls cannot be reached with the keyboard")
		}
		if len(name) == 2 && name[0] == 'h' && strings.Contains("123456", name[1:]) {
			if level := int(name[1] - '0'); level > headings+1 {
				t.Errorf("a heading of level %d after one of level %d", level, headings)
			} else {
				headings = level
			}
		}
	}
}
