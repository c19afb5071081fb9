package matrix

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/testnet"
)

// Verdicts of a cell.
const (
	certified = "C"
	void      = "V"
	wrong     = "W"
	hung      = "H"
)

// lull is how long a member keeps its full disk before it is started again with room.
const lull = 3 * time.Second

// player goes through cells in one network.
type player struct {
	o Options
	m *testnet.Members
}

// play authorises a run, disturbs it as the cell says, and returns the cell with its verdict. An error is of the network itself.
func (p *player) play(ctx context.Context, c Cell) (Cell, error) {
	name, authorise, err := p.m.Next(ctx)
	if err != nil {
		return c, err
	}
	c.Run = name
	for _, who := range p.m.Names() {
		if err := vault.Write(filepath.Join(p.m.Dir(who), runFile), []byte(name)); err != nil {
			return c, err
		}
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	struck := make(chan error, 1)
	if c.Member == "" {
		struck <- nil
	} else {
		at := c.point(p.m.Names()[0])
		file := filepath.Join(p.m.Dir(c.Member), disturbFile)
		if err := vault.Write(file, fmt.Appendf(nil, "%s %s %s", c.Step, at, c.Action)); err != nil {
			return c, err
		}
		defer os.Remove(file)
		go func() { struck <- p.strike(ctx, c, file) }()
	}
	if err := authorise(); err != nil && c.Member == "" {
		return c, err // else the convener may be dead already
	}
	if err := <-struck; err != nil {
		c.Verdict, c.Reason = wrong, err.Error()
		if ctx.Err() != nil {
			c.Verdict = hung
		}
		c.Seconds = time.Since(began).Seconds()
		return c, p.revive(c)
	}
	c.Verdict, c.Reason = p.verdict(ctx, name)
	c.Seconds = time.Since(began).Seconds()
	return c, nil
}

// strike waits until the member obeys and brings it back.
func (p *player) strike(ctx context.Context, c Cell, file string) error {
	dead := p.m.Dead(c.Member)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for obeyed := false; !obeyed; {
		select {
		case <-tick.C:
			_, err := os.Stat(file)
			obeyed = os.IsNotExist(err)
		case <-ctx.Done():
			return fmt.Errorf("the member never came to the point")
		}
	}
	switch c.Action {
	case Clock: // stays as it is: the member goes on
		return nil
	case Stop:
		if err := sleep(ctx, p.o.Stopped); err != nil {
			return err
		}
		return p.m.Signal(c.Member, syscall.SIGCONT)
	case Disk:
		select {
		case <-dead: // crash-only: its log could not be written
		case <-time.After(lull):
			if err := p.m.Signal(c.Member, syscall.SIGKILL); err != nil {
				return err
			}
		}
	}
	select {
	case <-dead:
	case <-ctx.Done():
		return ctx.Err()
	}
	return p.m.Restart(ctx, c.Member)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// revive leaves a living member behind after a cell that failed, for the next one.
func (p *player) revive(c Cell) error {
	p.m.Signal(c.Member, syscall.SIGCONT)
	select {
	case <-p.m.Dead(c.Member):
		return p.m.Restart(context.Background(), c.Member)
	default:
		return nil
	}
}

// verdict collects what every member says and shows.
func (p *player) verdict(ctx context.Context, name string) (string, string) {
	names := p.m.Names()
	runs := make([]admin.Run, len(names))
	errs := make([]error, len(names))
	done := make(chan struct{})
	for i, who := range names {
		go func() {
			runs[i], errs[i] = p.m.Client(who).WaitRun(ctx, name)
			done <- struct{}{}
		}()
	}
	for range names {
		<-done
	}
	var missing []string
	for i, err := range errs {
		if err != nil {
			missing = append(missing, names[i])
		}
	}
	if missing != nil {
		return hung, "no verdict from " + strings.Join(missing, ", ")
	}
	if text := p.twice(name); text != "" {
		return wrong, text
	}
	var table []byte
	for i, r := range runs {
		switch {
		case r.State != runs[0].State:
			return wrong, fmt.Sprintf("%s: %s, %s: %s (%s%s)", names[0], runs[0].State, names[i], r.State, runs[0].Reason, r.Reason)
		case r.State == "void" && r.Reason == "":
			return wrong, names[i] + " gives no reason"
		case r.Table == nil:
		case table == nil:
			table = r.Table
		case !bytes.Equal(table, r.Table):
			return wrong, names[i] + " holds another table"
		}
	}
	if runs[0].State == "void" {
		return void, runs[0].Reason
	}
	differing, err := p.m.Differing(table)
	if err != nil || len(differing) > 0 {
		return wrong, fmt.Sprintf("%d cells differ from the pooled plain data %v", len(differing), err)
	}
	without := slices.DeleteFunc(slices.Clone(names), func(who string) bool { return runs[slices.Index(names, who)].Table != nil })
	if len(without) > 0 {
		return certified, "without its table: " + strings.Join(without, ", ")
	}
	return certified, ""
}

// twice looks for a member that has shown two different things for one step.
func (p *player) twice(name string) string {
	for _, who := range p.m.Names() {
		b, err := os.ReadFile(filepath.Join(p.m.Dir(who), shownFile))
		if err != nil {
			return who + " has shown nothing"
		}
		if text := twice(name, string(b)); text != "" {
			return who + text
		}
	}
	return ""
}

// twice finds two different hashes of one run's kind and step in what a member has shown.
func twice(name, shown string) string {
	seen := map[string]string{}
	for line := range strings.Lines(shown) {
		f := strings.Fields(line)
		if len(f) != 4 || f[0] != name {
			continue
		}
		at := f[1] + " of step " + f[2]
		if was, ok := seen[at]; ok && was != f[3] {
			return " has shown two different ones: " + at
		}
		seen[at] = f[3]
	}
	return ""
}
