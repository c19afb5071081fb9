package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/protocol/run"
)

// Points by the names that people read.
const (
	BeforeWrite = "before-write"
	BeforeSend  = "before-send"
	AfterSend   = "after-send"
)

var pointNames = []string{BeforeWrite, BeforeSend, AfterSend}

// Cell is one disturbance of one run.
type Cell struct {
	Step    string  `json:"step"`
	Member  string  `json:"member"`
	Point   string  `json:"point"`
	Action  string  `json:"action"`
	Verdict string  `json:"verdict"` // C, V, W, H
	Reason  string  `json:"reason,omitempty"`
	Seconds float64 `json:"seconds"`
	Run     string  `json:"run"`
}

func (c Cell) String() string {
	return fmt.Sprintf("%s of %s at %s of %s", c.Action, c.Member, c.Point, c.Step)
}

// point is where in the protocol a cell strikes.
func (c Cell) point(convener string) run.Point {
	object := c.Step != "prepare" && c.Step != "result"
	if c.Member == convener {
		object = c.Step == "certify"
	}
	switch c.Point {
	case BeforeWrite:
		return run.Made
	case BeforeSend:
		return run.Bound
	}
	if object {
		return run.Revealed
	}
	return run.Sent
}

// risky are the five points at which a mistake would cost a key share: between a share's making and its record, and between record and
// leaving; and the two ends of the release.
var risky = []Cell{
	{Step: "keys-2", Point: BeforeWrite}, {Step: "refresh-1", Point: BeforeWrite}, {Step: "refresh-1", Point: BeforeSend},
	{Step: "release", Point: BeforeSend}, {Step: "certify", Point: AfterSend},
}

// cells lays out what o asks for.
func (o Options) cells(steps, members []string) ([]Cell, error) {
	if o.Full {
		var out []Cell
		for i, c := range risky {
			c.Member, c.Action = members[len(members)-1], Kill
			if i == len(risky)-1 {
				c.Member = members[0] // the convener, last
			}
			out = append(out, c)
		}
		return out, nil
	}
	actions := o.Actions
	if len(actions) == 0 {
		actions = []string{Kill}
	}
	for _, l := range []struct {
		flag        string
		asked, have []string
	}{{"--steps", o.Steps, steps}, {"--members", o.Members, members}, {"--points", o.Points, pointNames}, {"--actions", actions, []string{Kill, Stop, Disk, Clock}}} {
		for _, a := range l.asked {
			if !slices.Contains(l.have, a) {
				return nil, fmt.Errorf("%s: no %q among %s", l.flag, a, strings.Join(l.have, ", "))
			}
		}
	}
	only := func(asked []string, name string) bool { return len(asked) == 0 || slices.Contains(asked, name) }
	var out []Cell
	for _, s := range steps {
		for _, m := range members {
			for _, p := range pointNames {
				for _, a := range actions {
					if only(o.Steps, s) && only(o.Members, m) && only(o.Points, p) {
						out = append(out, Cell{Step: s, Member: m, Point: p, Action: a})
					}
				}
			}
		}
	}
	return out, nil
}
