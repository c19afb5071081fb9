package testnet

import (
	"fmt"
	"io"
	"strings"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/testnet/lossy"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

// Options say what network to run on which data. Zero values mean the defaults of the command.
type Options struct {
	Payers        int               // 3…15; default 5
	Data          string            // folder of input; empty: the built-in synthetic population
	Format        string            // of Data: "" (canonical, one sub-folder per payer) or "synpuf"
	Synthetic     synthetic.Options // size of the built-in population
	Measures      []string          // ids; default: all that fit the data
	BenchmarkOnly []string          // of the measures, those that release percentiles and no practice
	Strata        string            // the measures by a kind of strata: KIND, or KIND=STRATUM,…
	Period        int               // measurement year; default: the data's
	Practices     int               // size of the roster; default 48
	Profile       string            // file with a disclosure profile that replaces the default of its name
	Out           string            // output folder; default a fresh one
	Risk          bool              // besides, fit a risk model together, by exact sums; the command does by default
	Totals        bool              // besides, open exact totals by region of the proportions' shown practices; the profile of proportions then allows it
	Reliability   string            // "": none; auto, what the command does by default; all; none
	Once          bool              // end when the run is certified
	Processes     bool              // every member its own process
	Memory        node.Size         // budget of each member; default 1.5GiB
	Toy           bool              // small ring, INSECURE
	Transport     string            // what the payers may use: auto (default), quic or tcp; the convener listens on both
	Path          *lossy.Path       // with Processes: payers reach the convener over UDP with this delay and loss, and not over TCP
	Fault         string            // disturb the run on purpose; see FaultNames

	Executable string    // with Processes: the tacet binary
	Stdout     io.Writer // progress and table
	Terminal   bool      // Stdout is a terminal
	JSON       bool      // print the result as JSON instead of a table
}

// UsageError is a mistake in the options: exit code 2.
type UsageError struct{ Text string }

// Error is the text.
func (e *UsageError) Error() string { return e.Text }

func usage(format string, a ...any) error { return &UsageError{Text: fmt.Sprintf(format, a...)} }

func (o *Options) check() error {
	if o.Payers == 0 {
		o.Payers = 5
	}
	if o.Practices == 0 {
		o.Practices = 48
	}
	switch {
	case o.Strata != "" && (o.Format != "" || len(o.BenchmarkOnly) > 0):
		return usage("--strata is for canonical data and measures that release practices: without --format and --benchmark-only")
	case o.Totals && o.Strata != "":
		return usage("--totals are of measures over all people: without --strata")
	case o.Payers < 3 || o.Payers > 15:
		return usage("--payers %d: must be 3 to 15; with fewer than 3 each payer could subtract its own part and read the other's", o.Payers)
	case o.Memory != 0 && o.Memory < leastMemory:
		return usage("--memory %s: at least %s, of which each payer's database takes %d MiB", o.Memory, leastMemory, databaseMB)
	case o.Reliability != "" && o.Reliability != reliabilityAuto && o.Reliability != reliabilityAll && o.Reliability != reliabilityNone:
		return usage("--reliability %q: must be auto, all or none", o.Reliability)
	case o.Practices < 1:
		return usage("--practices %d: must be at least 1", o.Practices)
	case o.Transport != "" && o.Transport != "auto" && o.Transport != "quic" && o.Transport != "tcp":
		return usage("--transport %q: must be auto, quic or tcp", o.Transport)
	case o.Format != "" && o.Format != "synpuf":
		return usage("--format %q: must be synpuf, or left out for canonical files", o.Format)
	case o.Format != "" && o.Data == "":
		return usage("--format %s needs --data DIR, the folder of the files", o.Format)
	case o.Period != 0 && (o.Period < 1900 || o.Period > 2100):
		return usage("--period %d: must be a year", o.Period)
	}
	if o.Path != nil && !o.Processes {
		return usage("a path with delay and loss is between processes only")
	}
	if o.Fault != "" {
		if _, ok := faults[o.Fault]; !ok {
			return usage("--fault %q: known are %s", o.Fault, strings.Join(FaultNames(), ", "))
		}
		if o.Processes {
			return usage("--fault works in one process only: leave --processes out")
		}
	}
	return nil
}
