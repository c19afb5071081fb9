//go:build !linux

package predicate

import "time"

// threadCPU is 0: this system does not tell a thread's own time.
func threadCPU() time.Duration { return 0 }
