package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// disk is all of the file system that the ledger uses. The second implementation, in the tests, makes the n-th
// operation fail or tear.
type disk interface {
	ReadFile(name string) ([]byte, error)
	Create(name string) (file, error) // truncates
	Open(name string) (file, error)   // read and write, must exist
	Rename(from, to string) error
	SyncDir(name string) error
	MkdirAll(name string) error
}

type file interface {
	io.Reader
	io.WriterAt
	Sync() error
	Truncate(size int64) error
	Close() error
}

type osDisk struct{}

func (osDisk) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }
func (osDisk) Create(name string) (file, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}
func (osDisk) Open(name string) (file, error) { return os.OpenFile(name, os.O_RDWR, 0o600) }
func (osDisk) Rename(from, to string) error   { return os.Rename(from, to) }
func (osDisk) MkdirAll(name string) error     { return os.MkdirAll(name, 0o700) }
func (osDisk) SyncDir(name string) (err error) {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}

// writeDurable replaces root/name: after a crash the file is the old one or the new one, never a mixture. A folder
// made on the way is itself fsynced into its parent.
func writeDurable(d disk, root, name string, data []byte) error {
	path := filepath.Join(root, name)
	dir := filepath.Dir(path)
	if err := d.MkdirAll(dir); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	tmp := path + ".tmp"
	f, err := d.Create(tmp)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.WriteAt(data, 0)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	// A crash here leaves the temporary file behind; the next write of the name truncates it.
	if err := d.Rename(tmp, path); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if err := d.SyncDir(dir); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if dir == filepath.Clean(root) {
			return nil
		}
	}
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
