package replica

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

const (
	ballastName = "ballast"
	ballastSize = 1 << 20
)

// keepBallast sees to a file that takes up room for nothing. When the disk is full it is given away (dropBallast), so that a process that has to
// end can still write what it has to say, and an operator can still log in and look. A disk that has no room for it now is no reason not to start.
func keepBallast(dir string) error {
	path := filepath.Join(dir, ballastName)
	if i, err := os.Stat(path); err == nil && i.Size() == ballastSize {
		return nil
	}
	b := make([]byte, ballastSize) // of noise: zeros might take up no room
	rand.NewChaCha8([32]byte{}).Read(b)
	if err := writeDurable(path, b); err != nil {
		return errors.Join(err, dropBallast(dir))
	}
	return nil
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
