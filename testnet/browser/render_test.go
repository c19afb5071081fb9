package browser

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// paper is the width of A4 between margins of a centimetre, in CSS pixels.
const paper = 718

func TestPages(t *testing.T) {
	browser := start(t)
	all := pages(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			p := open(t, browser, all[name])
			for _, m := range []struct {
				medium, scheme string
				width          int64
			}{{"screen", "light", 1280}, {"screen", "dark", 1280}, {"screen", "light", 320}, {"screen", "dark", 640}, {"print", "light", paper}, {"print", "dark", paper}} {
				p.do(t, medium(m.medium, m.scheme, m.width))
				for _, f := range ask[[]string](t, p, `findings("`+m.medium+`")`) {
					t.Errorf("%s, %s, %d wide: %s", m.medium, m.scheme, m.width, f)
				}
			}
			p.do(t, medium("screen", "light", 1280))
			p.keyboard(t)
			if n := p.printed(t); n < 1 || n > 3 && strings.HasSuffix(name, "nothing") {
				t.Errorf("printed on %d pages", n)
			}
			with := ask[string](t, p, "document.documentElement.outerHTML")
			p.do(t, scripts(false), chromedp.Navigate(p.url))
			if without := ask[string](t, p, "document.documentElement.outerHTML"); without != with {
				t.Error("the page is another one without scripts")
			}
			for _, r := range p.requests {
				if r != p.url {
					t.Errorf("the page asked for %s", r)
				}
			}
			if len(p.requests) != 2 || len(p.said) > 0 {
				t.Errorf("shown twice, the page made %d requests; the console has %q", len(p.requests), p.said)
			}
		})
	}
}

// keyboard goes through the page with Tab: everything that can be used, in order, and marked.
func (p *tab) keyboard(t *testing.T) {
	t.Helper()
	type place struct {
		Name string `json:"name"`
		Mark bool   `json:"mark"`
	}
	want := ask[[]string](t, p, "reachable()")
	var got []string
	for range want {
		p.do(t, chromedp.KeyEvent(kb.Tab))
		at := ask[place](t, p, "focused()")
		got = append(got, at.Name)
		if !at.Mark {
			t.Errorf("nobody sees that the keyboard is at %.60q", at.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the keyboard goes to %.60q, want %.60q", got, want)
	}
}

// printed is on how many sheets of A4 the page is printed.
func (p *tab) printed(t *testing.T) int {
	t.Helper()
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	if err != nil {
		t.Fatal(err)
	}
	return len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1))
}

// listening counts what comes to an attacker's server.
type listening struct {
	*httptest.Server
	asked atomic.Int64
}

func listen(t *testing.T) *listening {
	l := &listening{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		l.asked.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(l.Close)
	return l
}

// TestPolicy: what an attacker would write into a page does nothing, because the page's own policy forbids it. Without the policy it does.
func TestPolicy(t *testing.T) {
	browser := start(t)
	all := pages(t)
	for _, name := range []string{"explain", "preview", "rooms", "evidence"} {
		t.Run(name, func(t *testing.T) {
			server := listen(t)
			here := server.URL
			text := bytes.Replace(all[name], []byte("</body>"), []byte(strings.ReplaceAll(injected, "HERE", here)+"</body>"), 1)
			p := open(t, browser, text)
			p.do(t, chromedp.Click(chromedp.CSS("#press")), chromedp.Click(chromedp.CSS("#send")))
			p.until(t, "script", "event handler", here+"/picture", here+"/style", here+"/import", here+"/background", "Framing", here+"/object", here+"/form", here+"/base")
			if title := ask[string](t, p, "document.title"); title == "hostile" {
				t.Error("a script ran")
			}
			if n := server.asked.Load(); n > 0 {
				t.Errorf("the attacker's server was asked %d times", n)
			}
			p = open(t, browser, regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`).ReplaceAll(text, nil))
			if title := ask[string](t, p, "document.title"); title != "hostile" || server.asked.Load() == 0 {
				t.Error("without the policy nothing happens either: this test shows nothing")
			}
		})
	}
}
