package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/testnet"
	"github.com/tacet-health/tacet/testnet/synpuf"
)

// usageError is a mistake on the command line; the text says where help is.
type usageError struct {
	command *cobra.Command
	err     error
}

func (e usageError) Error() string {
	return fmt.Sprintf("%v\nsee: %s --help", e.err, e.command.CommandPath())
}

func (e usageError) Unwrap() error { return e.err }

// noArgs is cobra.NoArgs with the usage exit code.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{c, fmt.Errorf("unexpected argument %q", args[0])}
	}
	return nil
}

// exitCode maps an error to the documented exit codes.
func exitCode(err error) int {
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	if _, ok := errors.AsType[*testnet.UsageError](err); ok {
		return 2
	}
	if _, ok := errors.AsType[*synpuf.InputError](err); ok {
		return 4
	}
	if _, ok := errors.AsType[*store.FileError](err); ok {
		return 4
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return 4
	}
	if errors.Is(err, errAlarm) {
		return 3
	}
	if e, ok := errors.AsType[*testnet.CommandError](err); ok {
		return e.Code
	}
	return 1
}
