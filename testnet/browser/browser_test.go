package browser

import (
	"context"
	_ "embed" // check.js
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// requireChromium makes the absence of a browser a failure instead of a skip.
const requireChromium = "TACET_REQUIRE_CHROMIUM"

//go:embed check.js
var checks string

// start starts a browser of this test alone, which reaches loopback at most: its proxy is a port that nobody listens on.
func start(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv(requireChromium) != "" {
			t.Fatal("no chromium in PATH")
		}
		t.Skipf("PAGES NOT RENDERED: no chromium here (.ci/browser installs it; %s=1 makes this a failure)", requireChromium)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.ProxyServer("127.0.0.1:1"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses root otherwise; the pages are our own
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closed := chromedp.NewContext(ctx)
	t.Cleanup(func() { closed(); stop() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// tab is one page in the browser, and what it asked for and said.
type tab struct {
	ctx context.Context
	url string

	mu       sync.Mutex
	requests []string
	said     []string
	more     chan struct{} // something was said
}

// open shows a page as a file, as people open it.
func open(t *testing.T, browser context.Context, text []byte) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, closed := chromedp.NewContext(browser)
	t.Cleanup(closed)
	p := &tab{ctx: ctx, url: "file://" + file, more: make(chan struct{}, 1)}
	if err := chromedp.Listen(ctx, p.heard); err != nil {
		t.Fatal(err)
	}
	p.do(t, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, log.Enable, cdp.Empty{})
		return err
	}), chromedp.Navigate(p.url))
	return p
}

func (p *tab) heard(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *log.EventEntryAdded:
		p.said = append(p.said, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		p.said = append(p.said, fmt.Sprint("console.", e.Type))
	case *runtime.EventExceptionThrown:
		p.said = append(p.said, e.ExceptionDetails.Text)
	}
	select {
	case p.more <- struct{}{}:
	default:
	}
}

// until waits for the console to have a word of each of these, and returns what it has.
func (p *tab) until(t *testing.T, words ...string) string {
	t.Helper()
	end := time.After(time.Minute)
	for {
		p.mu.Lock()
		said := strings.Join(p.said, "\n")
		p.mu.Unlock()
		missing := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.Contains(said, w) })
		if len(missing) == 0 {
			return said
		}
		select {
		case <-p.more:
		case <-end:
			t.Fatalf("the console has no word of %q: %s", missing, said)
		}
	}
}

func (p *tab) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// ask evaluates an expression as a developer's console does, which no policy of the page forbids.
func ask[T any](t *testing.T, p *tab, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T]("(() => {"+checks+"\nreturn "+expression+"})()"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func scripts(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

// medium is "screen" or "print", in a scheme of colours, so many pixels wide.
func medium(name, scheme string, width int64) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.EmulateViewport(width, 800), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	}))
}

// injected is what an attacker would add who could write into a page.
const injected = `<script>document.title = "hostile"</script><img src="HERE/picture" onerror="document.title = 'hostile'"><p onclick="document.title = 'hostile'" id="press">x</p>
<link rel="stylesheet" href="HERE/style"><style>@import "HERE/import"; body { background-image: url("HERE/background") }</style><iframe src="HERE/frame"></iframe>
<object data="HERE/object"></object><form action="HERE/form"><button id="send">x</button></form><base href="HERE/base/">`
