package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet"
)

// dataCommand is `tacet testnet data`.
func dataCommand() *cobra.Command {
	var o testnet.Options
	var size, measures string
	c := &cobra.Command{
		Use: "data", Short: "Write synthetic data for a network that is started by hand", Args: noArgs,
		Long: `Write the built-in synthetic population for people to try real services with: one folder of canonical CSV files a payer, roster.csv, and oracle.csv
with what must be released (tacet testnet check).`,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Synthetic, err = parseSynthetic(size); err != nil {
				return usageError{c, err}
			}
			o.Measures, o.Stdout = list(measures), c.OutOrStdout()
			return testnet.Export(o)
		},
	}
	f := c.Flags()
	f.IntVar(&o.Payers, "payers", 3, "number of payers, 3 to 15")
	f.StringVar(&size, "synthetic", "", "size of the population: people=60000,practices=48,seed=1")
	f.StringVar(&measures, "measures", "", "measures, comma-separated (default: all of the library)")
	f.IntVar(&o.Period, "period", 0, "measurement year")
	f.IntVar(&o.Practices, "practices", 48, "practices in the roster")
	f.StringVar(&o.Out, "out", "", "output folder, new or empty")
	return c
}

// checkCommand is `tacet testnet check`.
func checkCommand() *cobra.Command {
	var measures string
	c := &cobra.Command{
		Use: "check RELEASE ORACLE", Short: "Compare a release.csv with the oracle.csv of `tacet testnet data`", Args: exactly(2, "release.csv and oracle.csv"),
		RunE: func(c *cobra.Command, args []string) error {
			released, cells, err := testnet.Check(args[0], args[1], list(measures))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "all %d cells equal the pooled plain data: %d released, %d suppressed\n", cells, released, cells-released)
			return err
		},
	}
	c.Flags().StringVar(&measures, "measures", "", "the measures that the run had, comma-separated (default: all of the oracle)")
	return c
}
