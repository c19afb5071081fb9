package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// aYear refuses what is no measurement year, with the usage exit code.
func aYear(c *cobra.Command, period int) error {
	if period == 0 {
		return usageError{c, errors.New("--period is missing: the measurement year")}
	}
	if period < 1950 || period > 2199 {
		return usageError{c, fmt.Errorf("--period %d: want a measurement year, such as 2024", period)}
	}
	return nil
}
