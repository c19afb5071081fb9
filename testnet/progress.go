package testnet

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/node"
)

// progress prints one line per step with the time since the start. On a terminal the step at work is shown and overwritten
// by its result; elsewhere every step is one plain line, so that a log stays readable. Safe for concurrent use.
type progress struct {
	mu       sync.Mutex // guards everything below
	w        io.Writer
	terminal bool
	start    time.Time
	open     string // the step shown without its result, on a terminal
	timings  []timing
	rss      func() uint64 // peak resident memory of all processes together
}

// timing is one step of timings.json.
type timing struct {
	Step     string            `json:"step"`
	Seconds  float64           `json:"seconds"`
	Sent     map[string]uint64 `json:"bytes_sent,omitempty"`     // per member
	Received map[string]uint64 `json:"bytes_received,omitempty"` // per member
	PeakRSS  uint64            `json:"peak_rss_bytes"`           // of all processes together, so far
}

func newProgress(w io.Writer, terminal bool) *progress {
	return &progress{w: w, terminal: terminal, start: time.Now(), rss: node.PeakRSS}
}

// step begins a step; the function returned ends it with what came out.
func (p *progress) step(name string) func(format string, a ...any) {
	begin := time.Now()
	p.working(name)
	return func(format string, a ...any) {
		p.record(timing{Step: name, Seconds: time.Since(begin).Seconds(), PeakRSS: p.rss()})
		p.line(name, fmt.Sprintf(format, a...))
	}
}

// working shows on a terminal what is being done.
func (p *progress) working(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		fmt.Fprintf(p.w, "\r\033[K%7.1fs  %-12s …", time.Since(p.start).Seconds(), name)
		p.open = name
	}
}

// line prints a step's result.
func (p *progress) line(name, result string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		fmt.Fprint(p.w, "\r\033[K")
	}
	fmt.Fprintf(p.w, "%7.1fs  %-12s %s\n", time.Since(p.start).Seconds(), name, result)
	p.open = ""
}

// clear removes an unfinished step from a terminal before other text is printed.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal && p.open != "" {
		fmt.Fprint(p.w, "\r\033[K")
		p.open = ""
	}
}

func (p *progress) record(t timing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timings = append(p.timings, t)
}

func (p *progress) elapsed() time.Duration { return time.Since(p.start) }

func (p *progress) all() []timing {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.timings)
}
