package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node/admin"
)

// rotateCommand is `tacet node rotate`.
func rotateCommand(dir *string) *cobra.Command {
	var wait time.Duration
	c := &cobra.Command{
		Use: "rotate", Short: "Replace all keys of this member while everything runs", Args: noArgs,
		Long: `Make new keys for this member, bring them into the log with an entry signed by the old ones and the new ones, and go on with them: on every
member the old keys count no longer, on connections, in the log or under checkpoints. Refused while a run names this member. The service must be
running and begins again by itself, in the same process. A crash or a lost connection costs nothing: the rotation goes on at the next start.
Who pins this member's fingerprint in policy.peers has to write the new one.`,
		RunE: func(c *cobra.Command, _ []string) error {
			var next admin.Rotation
			if err := asked(*dir, func(a *admin.Client) (err error) {
				next, err = a.Rotate(c.Context())
				return err
			}); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(c.Context(), wait)
			defer cancel()
			for {
				st, err := awaitStatus(ctx, *dir, 0)
				if err == nil && st.Fingerprint == next.Fingerprint && st.Connected && st.Member {
					_, err = fmt.Fprintf(c.OutOrStdout(), "%s has new keys\nfingerprint %s\n", st.Name, st.Fingerprint)
					return err
				}
				select {
				case <-time.After(100 * time.Millisecond):
				case <-ctx.Done():
					return fmt.Errorf("the rotation to %s is not finished after %v and goes on by itself; see tacet node status", next.Fingerprint, wait)
				}
			}
		},
	}
	c.Flags().DurationVar(&wait, "wait", time.Minute, "wait so long for the new keys to be in use")
	return c
}
