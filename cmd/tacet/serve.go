package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// errAlarm is the end of everything that ran over the proof of a fork.
var errAlarm = errors.New("ALARM: this member has the proof that somebody showed it another history of the log; do not act on this ledger, call the other members and counsel")

// serve runs a member's service until the context ends, and tells alarms as they come.
func serve(c *cobra.Command, dir string, o node.Options) error {
	s, err := node.Start(c.Context(), dir, o)
	if err != nil {
		return err
	}
	out := &lines{w: c.ErrOrStderr()}
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for told := 0; ; {
		all := s.Alarms()
		for _, a := range all[told:] {
			printAlarms(out, []admin.Alarm{admin.Alarm(a)})
		}
		told = len(all)
		select {
		case <-look.C:
			continue
		case <-s.Renewed(): // with new keys, in the same process
			if err := s.Close(); err != nil {
				return err
			}
			if s, err = node.Start(c.Context(), dir, o); err != nil {
				return err
			}
			continue
		case <-c.Context().Done():
		}
		if err := s.Close(); err != nil || told == 0 {
			return err
		}
		return errAlarm
	}
}

func printAlarms(out *lines, alarms []admin.Alarm) {
	for _, a := range alarms {
		out.print("ALARM at size %d: %s", a.Index, a.What)
		out.print("  proof: %s; check it with: tacet-audit fork %s", a.File, a.File)
	}
}
