package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/testnet/matrix"
)

// memberCommand is `tacet node` and `tacet coordinator`: a member's service in its role.
func memberCommand(name string, role node.Role) *cobra.Command {
	what := "a payer's node"
	if role == node.Convener {
		what = "the convener"
	}
	var dir string
	c := &cobra.Command{
		Use: name, Short: "Run " + what + ", or ask it", Args: cobra.ArbitraryArgs, RunE: group,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if dir == "" && c.Name() != name {
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
			if cfg.Role != role {
				return fmt.Errorf("%s holds a %s, not a %s", dir, cfg.Role, role)
			}
			s, err := node.Start(c.Context(), dir, node.Options{Hooks: matrix.Hooks(dir)})
			if err != nil {
				return err
			}
			<-c.Context().Done()
			return s.Close()
		},
	})
	var asJSON bool
	status := &cobra.Command{
		Use: "status", Short: "Say what the running service does", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := admin.Dial(dir)
			if err != nil {
				return err
			}
			defer a.Close()
			st, err := a.Status(c.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(st)
			}
			return printStatus(c, st)
		},
	}
	status.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.AddCommand(status, evidenceCommand(&dir))
	return c
}

func printStatus(c *cobra.Command, st admin.Status) error {
	w := c.OutOrStdout()
	var errs []error
	line := func(format string, a ...any) {
		_, err := fmt.Fprintf(w, format+"\n", a...)
		errs = append(errs, err)
	}
	line("%s (%s), version %s, process %d", st.Name, st.Role, st.Version, st.PID)
	if st.Address != "" {
		line("listens on %s", st.Address)
	}
	line("connected: %v; log: %d entries, %d members", st.Connected, st.Entries, st.Members)
	if st.Transport != "" {
		line("transport: %s", st.Transport)
	}
	for _, name := range slices.Sorted(maps.Keys(st.Transports)) {
		line("transport of %s: %s", name, st.Transports[name])
	}
	if st.Run != "" {
		line("run %s, step %s", st.Run, st.Step)
		if st.Since != "" {
			line("%s since %s; the run ends void at %s unless the step is finished", st.Phase, st.Since, st.Until)
		}
	}
	if st.Waiting != "" {
		line("waits for %s", st.Waiting)
	}
	return errors.Join(errs...)
}
