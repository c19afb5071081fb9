package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

func testnetCommand() *cobra.Command {
	var o testnet.Options
	var measures, only, size string
	c := &cobra.Command{
		Use:   "testnet",
		Short: "Run a whole network on this machine and check its result",
		Long: `Run payers and a convener on this machine, each with its own data directory, embedded database, keys and replica of the
governance log, connected by QUIC over loopback. The network approves measures, authorises a run, computes it under real
128-bit parameters, and compares every cell of the release with the pooled plain data.

Without --data a built-in synthetic population is made. --data DIR reads one sub-folder of canonical CSV files per payer; with
--format synpuf a folder of CMS DE-SynPUF files, one sample per payer.

Exit codes: 0 done; 1 the run is void or a cell differs from the oracle; 2 usage; 4 the input cannot be used.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Synthetic, err = parseSynthetic(size); err != nil {
				return usageError{c, err}
			}
			for id := range strings.SplitSeq(measures, ",") {
				if id = strings.TrimSpace(id); id != "" {
					o.Measures = append(o.Measures, id)
				}
			}
			for id := range strings.SplitSeq(only, ",") {
				if id = strings.TrimSpace(id); id != "" {
					o.BenchmarkOnly = append(o.BenchmarkOnly, id)
				}
			}
			if o.Executable, err = os.Executable(); err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			o.Stdout = c.OutOrStdout()
			o.Terminal = isTerminal(os.Stdout)
			if !o.Once && !isTerminal(os.Stdin) {
				o.Once = true // nobody is there to press Ctrl-C
			}
			return testnet.Run(c.Context(), o)
		},
	}
	c.AddCommand(attackCommand(), benchCommand(), simCommand(), matrixCommand(), dataCommand(), checkCommand(), deckCommand())
	f := c.Flags()
	f.IntVar(&o.Payers, "payers", 5, "number of payers, 3 to 15")
	f.StringVar(&o.Data, "data", "", "folder with the payers' data instead of the synthetic population")
	f.StringVar(&o.Format, "format", "", "format of --data: synpuf (default: canonical CSV, one sub-folder per payer)")
	f.StringVar(&size, "synthetic", "", "size of the synthetic population: people=60000,practices=48,seed=1")
	f.StringVar(&measures, "measures", "", "measures, comma-separated (default: all that fit the data)")
	f.StringVar(&only, "benchmark-only", "", "of these, measures that release P25, P50, P75 and P90 over the practices and no practice's value (comma-separated)")
	f.StringVar(&o.Strata, "strata", "", "release the measures by dual, deprivation, race, ethnicity or language; race=VALUE,… names the strata (always for the last three)")
	f.IntVar(&o.Period, "period", 0, "measurement year (default: the data's)")
	f.IntVar(&o.Practices, "practices", 48, "practices in the roster, split evenly over the kinds of practice that the measures are about")
	f.StringVar(&o.Profile, "profile", "", "file with a disclosure profile to use instead of the default of its name")
	f.Var(&o.Memory, "memory", "memory budget of each member, its database included (default 1.5GiB)")
	f.StringVar(&o.Out, "out", "", "output folder, new or empty (default: a fresh one)")
	f.BoolVar(&o.Risk, "risk", true, "besides, fit a risk model together by exact sums, and compare it with the pooled fit")
	f.BoolVar(&o.Totals, "totals", false, "besides, open exact totals by region of the practices that are shown, and compare with the pooled data; the profile of proportions then allows it and is stricter")
	f.StringVar(&o.Reliability, "reliability", "auto", "ask which practices' proportions have a reliability of 0.70: all; auto: those whose questions cost no further ciphertext; none")
	f.BoolVar(&o.Once, "once", false, "end when the run is certified; otherwise, on a terminal, the members stay up until Ctrl-C")
	f.BoolVar(&o.Processes, "processes", false, "every member its own process")
	f.BoolVar(&o.Toy, "insecure-toy-parameters", false, "small ring for quick tests; protects nothing")
	f.StringVar(&o.Transport, "transport", "auto", "what the payers may use to reach the convener: auto, quic, or tcp as where UDP is blocked")
	f.StringVar(&o.Fault, "fault", "", "disturb the run on purpose: "+strings.Join(testnet.FaultNames(), ", "))
	f.BoolVar(&o.JSON, "json", false, "print the result as JSON on the last line")
	return c
}

// parseSynthetic reads people=…,practices=…,seed=….
func parseSynthetic(s string) (synthetic.Options, error) {
	var o synthetic.Options
	if s == "" {
		return o, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		key, value, ok := strings.Cut(part, "=")
		n, err := strconv.ParseUint(value, 10, 63)
		if !ok || err != nil {
			return o, fmt.Errorf("--synthetic: %q is not key=number", part)
		}
		switch key {
		case "people":
			o.People = int(n)
		case "practices":
			o.Practices = int(n)
		case "seed":
			o.Seed = n
		default:
			return o, fmt.Errorf("--synthetic: unknown key %q; known are people, practices, seed", key)
		}
	}
	return o, nil
}

func isTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }
