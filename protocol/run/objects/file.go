package objects

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/protocol/wire"
)

// ErrWrong says that bytes are not the object that was announced.
var ErrWrong = errors.New("not the announced object")

const (
	buffer  = 256 << 10
	partial = ".tmp"
)

// Create writes a file through fn and makes it visible under path when it is
// complete: temporary file, fsync, rename, fsync of the folder. It returns the
// object's hash and the size of what was written. fn's writer is buffered.
func Create(path string, fn func(io.Writer) error) (h wire.Hash, size int64, err error) {
	err = create(path, fn, func(sum wire.Hash, n int64) error {
		h, size = sum, n
		return nil
	})
	return h, size, err
}

// Receive reads exactly size bytes from r into path and keeps the file only
// when their hash is the announced one (ErrWrong otherwise). It reads and
// writes no more than size bytes, whatever comes. Over a network Partial does it.
func Receive(path string, r io.Reader, name wire.Hash, size int64) error {
	return create(path, func(w io.Writer) error {
		n, err := io.Copy(w, io.LimitReader(r, size))
		if err == nil && n != size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("receive object %s, %d of %d bytes: %w", name.Short(), n, size, err)
		}
		return nil
	}, func(sum wire.Hash, n int64) error {
		if sum != name {
			return fmt.Errorf("object %s of %d bytes: %w", name.Short(), size, ErrWrong)
		}
		return nil
	})
}

// Write keeps a small record durably.
func Write(path string, b []byte) error {
	_, _, err := Create(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
	return err
}

// create is the one way a file of a run comes into being; accept decides, with
// the hash and size of everything written, whether it becomes visible.
func create(path string, fn func(io.Writer) error, accept func(wire.Hash, int64) error) (err error) {
	f, err := os.OpenFile(path+partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create %s: %w", filepath.Base(path), err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	m := &meter{w: f, sum: newChunker()}
	w := bufio.NewWriterSize(m, buffer)
	if err := fn(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := accept(m.sum.list().Hash(m.n), m.n); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("create %s: %w", filepath.Base(path), err)
	}
	return SyncFolder(filepath.Dir(path))
}

// SyncFolder makes the names in a folder durable, new ones and removed ones.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder %s: %w", filepath.Base(dir), err)
	}
	return nil
}

// meter hashes and counts what goes to disk.
type meter struct {
	w   io.Writer
	sum *chunker
	n   int64
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.sum.Write(b[:n])
	m.n += int64(n)
	return n, err
}
