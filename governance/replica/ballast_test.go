package replica

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestBallast: the room is taken at the start, given back before the process is told to end, and taken again at the next start.
func TestBallast(t *testing.T) {
	c := newCluster(t, 3)
	path := filepath.Join(c.dirs["payer-a"], ballastName)
	there := func() bool {
		i, err := os.Stat(path)
		return err == nil && i.Size() == ballastSize
	}
	var last error
	freed := false
	c.change = func(cfg *Config) {
		cfg.Fatal = func(err error) { last, freed = err, !there() }
	}
	c.start("payer-a")
	if !there() {
		t.Fatal("no ballast")
	}
	full := errors.New("no space left on device")
	c.r["payer-a"].cfg.Fatal(full)
	if last != full || !freed {
		t.Fatalf("%v; the ballast was given away first: %v", last, freed)
	}
	c.stop("payer-a")
	c.start("payer-a")
	if !there() {
		t.Fatal("no ballast after the restart")
	}
}
