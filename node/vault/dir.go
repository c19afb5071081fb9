package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrInUse reports that another process holds the data directory.
var ErrInUse = errors.New("data directory is in use by another process")

// Dir is a locked data directory. Its methods may be used concurrently.
type Dir struct {
	path string
	lock *os.File // holds the flock until Close or the process's end
}

// Open creates path (mode 0700) if it is missing and locks it. A directory that others may read or write is refused:
// it is where member data and key shares live.
func Open(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("data directory %s has mode %04o and can be reached by other users; run: chmod 700 %s", path, st.Mode().Perm(), path)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w: its service, or a command such as a load; stop it, or wait for its end", path, ErrInUse)
		}
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	return &Dir{path: path, lock: lock}, nil
}

// Path joins elements below the directory.
func (d *Dir) Path(elem ...string) string { return filepath.Join(append([]string{d.path}, elem...)...) }

// Folder creates (mode 0700) and returns a folder below the directory.
func (d *Dir) Folder(elem ...string) (string, error) {
	p := d.Path(elem...)
	if err := os.MkdirAll(p, 0o700); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	return p, nil
}

// Write replaces a file of the directory durably; see Write.
func (d *Dir) Write(name string, data []byte) error { return Write(d.Path(name), data) }

// Close releases the lock.
func (d *Dir) Close() error { return d.lock.Close() }
