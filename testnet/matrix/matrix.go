package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tacet-health/tacet/testnet"
	"github.com/tacet-health/tacet/testnet/lossy"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

// Options say what to disturb. Empty lists mean all.
type Options struct {
	Payers     int           // default 3
	Steps      []string      // by name, as in a transcript
	Members    []string      // by name
	Points     []string      // see pointNames
	Actions    []string      // kill, stop, disk, clock; default kill
	Full       bool          // the five riskiest points at 128-bit parameters instead
	Stopped    time.Duration // how long a stopped process stays so; default one minute
	Timeout    time.Duration // for the verdicts of one run; default 3 minutes, with Full 30
	Netem      string        // delay and loss in each direction, in tc's words
	Relay      bool          // of Netem: a relay also where the kernel could
	Out        string        // the network's folder; default a fresh one, removed when all is well
	JSON       bool
	Executable string
	Stdout     io.Writer
}

// ErrFailed: a cell is wrong or hung.
var ErrFailed = errors.New("the matrix has wrong or hung runs")

// Result is what --json prints.
type Result struct {
	Payers  int      `json:"payers"`
	Set     string   `json:"set"`
	Netem   string   `json:"netem,omitempty"`
	Steps   []string `json:"steps"`
	Members []string `json:"members"`
	Cells   []Cell   `json:"cells"`
	Failed  int      `json:"failed"`
	Seconds float64  `json:"seconds"`
	Skipped []string `json:"skipped"`
}

// Run builds a network and goes through the cells.
func Run(ctx context.Context, o Options) error {
	if o.Payers == 0 {
		o.Payers = 3
	}
	if o.Stopped == 0 {
		o.Stopped = time.Minute
	}
	if o.Timeout == 0 {
		o.Timeout = 3 * time.Minute
		if o.Full {
			o.Timeout = 30 * time.Minute
		}
	}
	var path *lossy.Path
	if o.Netem != "" {
		p, err := lossy.ParsePath(o.Netem)
		if err != nil {
			return &testnet.UsageError{Text: "--netem: " + err.Error()}
		}
		var done bool
		if !o.Relay {
			if done, err = inNamespace(ctx, o); done {
				return err
			}
		}
		if err != nil || o.Relay { // no root, or no netem in the kernel
			path = &p
			o.Netem += ", a relay of UDP packets between payers and convener"
		}
	}
	if o.Out == "" {
		dir, err := os.MkdirTemp("", "tacet-matrix-")
		if err != nil {
			return err
		}
		o.Out = dir
	}
	if err := os.Setenv(variable, "1"); err != nil { // the members inherit it
		return err
	}
	began := time.Now()
	m, err := testnet.StartMembers(ctx, testnet.Options{
		Payers: o.Payers, Synthetic: synthetic.Options{People: 3000, Practices: 12}, Practices: 12, Measures: []string{"qp-crc"},
		Out: filepath.Join(o.Out, "network"), Once: true, Toy: !o.Full, Path: path, Executable: o.Executable, Stdout: io.Discard,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	res, err := o.play(ctx, m)
	if err != nil {
		return err
	}
	res.Seconds = time.Since(began).Seconds()
	if o.JSON {
		err = json.NewEncoder(o.Stdout).Encode(res)
	} else {
		err = res.print(o.Stdout)
	}
	if err == nil && res.Failed > 0 {
		return fmt.Errorf("%w: %d of %d cells; the members' folders are in %s", ErrFailed, res.Failed, len(res.Cells), o.Out)
	}
	return errors.Join(err, m.Stop(), os.RemoveAll(o.Out))
}

// play runs undisturbed once, and then once for each cell.
func (o Options) play(ctx context.Context, m *testnet.Members) (*Result, error) {
	steps, err := m.Steps()
	if err != nil {
		return nil, err
	}
	cells, err := o.cells(steps, m.Names())
	if err != nil {
		return nil, &testnet.UsageError{Text: err.Error()}
	}
	res := &Result{Payers: o.Payers, Set: "toy, INSECURE", Netem: o.Netem, Steps: steps, Members: m.Names(), Skipped: skipped(o)}
	if o.Full {
		res.Set = "128-bit"
	}
	p := player{o: o, m: m}
	calm, err := p.play(ctx, Cell{})
	if err != nil {
		return nil, err
	}
	if calm.Verdict != certified {
		return nil, fmt.Errorf("the undisturbed run: %s %s", calm.Verdict, calm.Reason)
	}
	for i, c := range cells {
		if c, err = p.play(ctx, c); err != nil {
			return nil, fmt.Errorf("%s: %w", cells[i], err)
		}
		if c.Verdict == wrong || c.Verdict == hung {
			res.Failed++
		}
		res.Cells = append(res.Cells, c)
		if !o.JSON {
			fmt.Fprintf(o.Stdout, "%3d/%d  %s  %5.1f s  %s %s\n", i+1, len(cells), c.Verdict, c.Seconds, c, c.Reason)
		}
	}
	return res, nil
}

// skipped says what this invocation does not show.
func skipped(o Options) []string {
	var out []string
	if o.Netem == "" {
		out = append(out, `delay and loss: give --netem "delay 40ms loss 5%"`)
	}
	if !slices.Contains(o.Actions, Clock) {
		out = append(out, "clock jump: give --actions clock")
	}
	return out
}
