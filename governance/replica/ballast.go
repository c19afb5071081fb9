package replica

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

const (
	ballastName = "ballast"
	ballastSize = 1 << 20
	roomSize    = 4 << 20 // that there has to be before the ballast is taken: more than it gives back
	roomEvery   = 15 * time.Second
)

// ErrFull says that the disk has no room: the replica can be read, and takes no part until there is.
var ErrFull = errors.New("the disk is full")

// keepBallast sees to a file that takes up room for nothing. When the disk is full it is given away (dropBallast), so that a process that has to
// end can still write what it has to say, and an operator can still log in and look. The ballast is taken only where there is room for
// several: otherwise a process that has just given it away would start, take it, and end again, for ever.
func keepBallast(dir string) error {
	path := filepath.Join(dir, ballastName)
	if i, err := os.Stat(path); err == nil && i.Size() == ballastSize {
		return nil
	}
	b := make([]byte, roomSize) // of noise: zeros might take up no room
	rand.NewChaCha8([32]byte{}).Read(b)
	if err := writeDurable(path, b); err != nil {
		return errors.Join(err, dropBallast(dir))
	}
	return os.Truncate(path, ballastSize)
}

func dropBallast(dir string) error {
	var errs []error
	for _, name := range []string{ballastName, ballastName + ".tmp"} {
		if err := os.Remove(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// awaitRoom waits, at a replica that found the disk full when it started, until there is room again, and ends the process: the next one
// takes part. Nothing that needs to be written was begun before.
func (r *Replica) awaitRoom(closed <-chan struct{}) {
	tick := time.NewTicker(r.cfg.RoomEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-closed:
			return
		}
		if keepBallast(r.cfg.Dir) == nil {
			r.cfg.Fatal(errors.New("the disk has room again: the process ends, and the next one takes part in the log"))
			return
		}
	}
}

// withLimit runs a write, and ends the process (fatal) when it lasts longer than limit: a leader with a hung disk would go on sending heartbeats,
// and nobody could take over.
func withLimit(limit time.Duration, fatal func(error), what string, write func() error) error {
	watch := time.AfterFunc(limit, func() { fatal(fmt.Errorf("%s: a write has lasted %v; is the disk hung?", what, limit)) })
	defer watch.Stop()
	return write()
}
