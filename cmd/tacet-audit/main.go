// Command tacet-audit verifies evidence bundles of a tacet governance log: offline, from the bundle's own bytes, applying every rule again. It
// is small on purpose: it reaches no network, no database and no cryptography of runs. See package governance/audit.
//
// Exit codes: 0 verified, 1 failed, 2 usage, 3 not verified, 4 input or output.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	c := root()
	c.SetArgs(args)
	c.SetOut(stdout)
	c.SetErr(stderr)
	err := c.Execute()
	if err != nil {
		fmt.Fprintln(stderr, "tacet-audit:", err)
	}
	return exitCode(err)
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use: "tacet-audit", Short: "Verify what health plans approved, computed and released together",
		SilenceUsage: true, SilenceErrors: true, Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{c, fmt.Errorf("unknown command %q", args[0])}
			}
			return c.Help()
		},
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError{c, err} })
	c.CompletionOptions.DisableDefaultCmd = true
	c.AddCommand(verifyCommand(), releaseCommand(), showCommand(), diffCommand(), forkCommand(), &cobra.Command{
		Use: "version", Short: "Print the version", Args: exactly("nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			version := "(devel)"
			if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
				version = b.Main.Version
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), "tacet-audit", version)
			return err
		},
	})
	return c
}

// usageError is a mistake on the command line; the text says where help is.
type usageError struct {
	command *cobra.Command
	err     error
}

func (e usageError) Error() string {
	return fmt.Sprintf("%v\nsee: %s --help", e.err, e.command.CommandPath())
}

func (e usageError) Unwrap() error { return e.err }

// inputError is a file that cannot be used.
type inputError struct{ err error }

func (e inputError) Error() string { return e.err.Error() }
func (e inputError) Unwrap() error { return e.err }

// errNotVerified says that findings were printed.
var errNotVerified = errors.New("not verified")

// exactly asks for as many arguments as there are names; "nothing" is none.
func exactly(names ...string) cobra.PositionalArgs {
	if names[0] == "nothing" {
		names = nil
	}
	return func(c *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usageError{c, fmt.Errorf("%d arguments, want %d: %v", len(args), len(names), names)}
		}
		return nil
	}
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	if errors.Is(err, errNotVerified) {
		return 3
	}
	if _, ok := errors.AsType[inputError](err); ok {
		return 4
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return 4
	}
	return 1
}
