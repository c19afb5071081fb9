package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/attack"
)

func attackCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "attack [NAME…]",
		Short: "Attack the protocol, with each defence missing and with it in place",
		Long: `Carry out the known attacks on the protocol, at toy parameters, each twice: against a member without the defence, where it must
really break something, and against the real code, which must refuse it. Attacks that nothing stops yet are marked open.

Names: ` + strings.Join(attack.Names(), ", ") + `

Exit codes: 0 every attack works without its defence and is refused with it (or is marked open); 1 one does not hold; 2 usage.`,
		RunE: func(c *cobra.Command, names []string) error {
			var all []attack.Result
			out := c.OutOrStdout()
			err := attack.Run(c.Context(), names, func(r attack.Result) {
				all = append(all, r)
				if !asJSON {
					printAttack(out, r)
				}
			})
			if errors.Is(err, attack.ErrUnknown) {
				return usageError{c, err}
			}
			if asJSON && all != nil {
				b, jerr := json.Marshal(all)
				if jerr != nil {
					return jerr
				}
				fmt.Fprintf(out, "%s\n", b)
			} else if all != nil {
				count := map[string]int{}
				for _, r := range all {
					count[r.Status]++
				}
				fmt.Fprintln(out, "INSECURE: toy parameters, which protect nothing; the primes, levels, scales, masks and flooding are those of the real sets")
				fmt.Fprintf(out, "%d attacks: %d refused, %d open, %d failed\n", len(all), count[attack.Refused], count[attack.Open], count[attack.Failed])
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the results as JSON on one line")
	return c
}

func printAttack(w io.Writer, r attack.Result) {
	fmt.Fprintf(w, "%-7s  %s (%.1f s)\n", r.Status, r.Name, r.Seconds)
	for _, l := range [][2]string{
		{"breaks", r.Breaks}, {"without", r.Broken}, {"defence", r.Defence}, {"with", r.Refusal}, {"open", r.Open}, {"error", r.Error},
	} {
		if l[1] != "" {
			fmt.Fprintf(w, "         %-8s %s\n", l[0]+":", l[1])
		}
	}
}
