//go:build !linux

package secaggbench

import "time"

var began = time.Now()

// threadTime is wall time where threads have no clock of their own: never less than the processor time.
func threadTime() time.Duration { return time.Since(began) }
