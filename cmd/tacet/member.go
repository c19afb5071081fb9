package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/testnet/matrix"
)

// memberCommand is `tacet node` and `tacet coordinator`: a member's service in its role.
func memberCommand(name string, role node.Role) *cobra.Command {
	what := "a member's node (a payer's, an auditor's, counsel's …)"
	if role == node.Convener {
		what = "the convener"
	}
	var dir string
	c := &cobra.Command{
		Use: name, Short: "Run " + what + ", or ask it", Args: cobra.ArbitraryArgs, RunE: group,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if dir == "" && c.Name() != name && c.Name() != "schema" && c.Name() != "withheld" {
				return usageError{c, errors.New("--dir is missing: the member's data directory")}
			}
			return nil
		},
	}
	c.PersistentFlags().StringVar(&dir, "dir", "", "data directory with tacet.toml")

	c.AddCommand(&cobra.Command{
		Use: "run", Short: "Run the service until it is stopped", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := node.ReadConfig(dir)
			if err != nil {
				return err
			}
			if (cfg.Role == node.Convener) != (role == node.Convener) {
				return fmt.Errorf("%s holds a %s, which tacet %s does not run", dir, cfg.Role, name)
			}
			cfg.LimitMemory()
			return serve(c, dir, node.Options{Hooks: matrix.Hooks(dir), Now: matrix.Now()})
		},
	})
	c.AddCommand(roomCommand(&dir), statusCommand(&dir), fingerprintCommand(&dir), releaseCommand(&dir), evidenceCommand(&dir), snapshotCommand(&dir), restoreCommand(&dir), unitCommand(&dir, name))
	if role == node.Convener {
		c.AddCommand(foundCommand(&dir), inviteCommand(&dir), approveCommand(&dir))
	} else {
		c.AddCommand(initCommand(&dir), joinCommand(&dir), loadCommand(&dir), unloadCommand(&dir), explainCommand(&dir), previewCommand(&dir), qualityCommand(&dir), schemaCommand(), withheldCommand(), valueSetCommand(&dir), endorseCommand(&dir), rotateCommand(&dir), wipeCommand(&dir))
	}
	return c
}

func statusCommand(dir *string) *cobra.Command {
	var asJSON bool
	var wait time.Duration
	c := &cobra.Command{
		Use: "status", Short: "Say what the running service does", Args: noArgs,
		Long: `Ask the running service what it does, whom it waits for, and what it has signed of the log. Exit code 3: it has the proof of a fork (ALARM). With --wait it asks until the service is up, its member is in the log, and it is
connected (the convener: all payers are), or ends with 1 after that time.`,
		RunE: func(c *cobra.Command, _ []string) error {
			st, err := awaitStatus(c.Context(), *dir, wait)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(c.OutOrStdout()).Encode(st)
			} else {
				err = printStatus(c, *dir, st)
			}
			if err == nil && len(st.Alarms) > 0 {
				return errAlarm
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().DurationVar(&wait, "wait", 0, "wait so long for the service to be up and connected")
	return c
}

// awaitStatus asks for the status; with a wait until it is good.
func awaitStatus(ctx context.Context, dir string, wait time.Duration) (admin.Status, error) {
	ask := func() (st admin.Status, err error) {
		err = asked(dir, func(a *admin.Client) error {
			st, err = a.Status(ctx)
			return err
		})
		return st, err
	}
	end := time.Now().Add(wait)
	for {
		st, err := ask()
		good := err == nil && st.Member && st.Connected
		switch {
		case wait == 0 || good:
			return st, err
		case time.Now().After(end) && err != nil:
			return st, fmt.Errorf("not up after %v: %w", wait, err)
		case time.Now().After(end):
			return st, fmt.Errorf("%s is not ready after %v: waits for %s", st.Name, wait, st.Waiting)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return st, ctx.Err()
		}
	}
}

// asked calls f with a client of the running member in dir.
func asked(dir string, f func(*admin.Client) error) error {
	a, err := admin.Dial(dir)
	if err != nil {
		return err
	}
	defer a.Close()
	return f(a)
}

// lines prints line by line and keeps the errors.
type lines struct {
	w    io.Writer
	errs []error
}

func (l *lines) print(format string, a ...any) {
	_, err := fmt.Fprintf(l.w, format+"\n", a...)
	l.errs = append(l.errs, err)
}

func (l *lines) err() error { return errors.Join(l.errs...) }

func printStatus(c *cobra.Command, dir string, st admin.Status) error {
	out := &lines{w: c.OutOrStdout()}
	out.print("%s (%s), version %s, process %d", st.Name, st.Role, st.Version, st.PID)
	if st.Address != "" {
		out.print("listens on %s", st.Address)
	}
	out.print("connected: %v; log: %d entries, %d members", st.Connected, st.Entries, st.Members)
	if st.Transport != "" {
		out.print("transport: %s", st.Transport)
	}
	for _, w := range st.Withholds {
		out.print("withheld from measures: %s", w)
	}
	for _, name := range slices.Sorted(maps.Keys(st.Transports)) {
		out.print("transport of %s: %s", name, st.Transports[name])
	}
	if st.Recovering != "" {
		out.print("recovers, and signs nothing: waits for %s", st.Recovering)
	}
	if st.Rotating != "" {
		out.print("keys are being rotated to %s", st.Rotating)
	}
	if st.Cosigned != nil {
		out.print("cosigned: size %d, root %s", st.Cosigned.Size, st.Cosigned.Root)
	}
	if st.Witnessed != nil {
		out.print("witnessed: size %d, root %s (entry %d)", st.Witnessed.Size, st.Witnessed.Root, st.Witnessed.Entry)
	}
	if st.Frozen > 0 {
		out.print("the log is frozen since entry %d: nothing is added; its evidence is final", st.Frozen)
	}
	printAlarms(out, st.Alarms)
	if st.Stopped != "" {
		out.print("STOPPED: %s", st.Stopped)
	}
	if st.Run != "" {
		out.print("run %s, step %s", st.Run, st.Step)
		if st.Since != "" {
			out.print("%s since %s; the run ends void at %s unless the step is finished", st.Phase, st.Since, st.Until)
		}
	}
	if st.Waiting != "" {
		out.print("waits for %s", st.Waiting)
	}
	for _, k := range st.Candidates {
		switch k.State {
		case "invited", "expired":
			out.print("candidate %s: %s, until %s", k.Member, k.State, k.Expires.Format(time.RFC3339))
		case "submitted":
			out.print("candidate %s: sent its keys; compare the fingerprint with its operator over another channel, then run:\n  tacet coordinator approve %s %q --dir %s", k.Member, k.Member, k.Fingerprint, dir)
		case "asked":
			out.print("candidate %s: the convener asks for an endorsement as %s; compare the fingerprint with its operator, then run:\n  tacet node endorse %s %q --dir %s", k.Member, k.Role, k.Member, k.Fingerprint, dir)
		case "approved":
			out.print("candidate %s: approved; waits for endorsements of more than half of the payers", k.Member)
			for _, w := range k.Waiting {
				out.print("  %s", w)
			}
		}
	}
	return out.err()
}
