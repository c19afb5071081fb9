package node

import (
	"cmp"
	"os"
	"runtime/debug"
)

const (
	defaultMemory Size = 3 << 29 // 1.5 GiB: holds a run of any number of cells and payers
	leastRun           = 128 << 20
)

// runMemory is the part of Memory that a run may take: all but the database's.
func (c Config) runMemory() int64 {
	m := int64(cmp.Or(c.Memory, defaultMemory))
	if c.Role == Payer {
		m -= int64(c.Database.MemoryMB) << 20
	}
	return m
}

// LimitMemory holds this process to its budget as far as the collector can: the database is not the collector's, and a sixteenth is left
// for what is neither's. A GOMEMLIMIT in the environment is left as it is.
func (c Config) LimitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(c.runMemory() - c.runMemory()/16)
	}
}
