package objects

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace keeps a small secret record durably, like Write, and overwrites the
// bytes of the one before, which a rename alone would leave on the disk.
func Replace(path string, b []byte) error {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace %s: %w", filepath.Base(path), err)
	}
	if old != nil {
		defer old.Close()
	}
	if err := Write(path, b); err != nil {
		return err
	}
	if old == nil {
		return nil
	}
	return overwrite(old) // it has no name any more
}

// Erase overwrites a file and removes it; one that does not exist is erased
// already. The name is gone for good after SyncFolder. A file system that copies
// on write, a snapshot or a worn flash cell may keep what was overwritten.
func Erase(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("erase %s: %w", filepath.Base(path), err)
	}
	err = overwrite(f)
	return errors.Join(err, f.Close(), os.Remove(path))
}

func overwrite(f *os.File) error {
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("overwrite %s: %w", filepath.Base(f.Name()), err)
	}
	zero := make([]byte, 64<<10)
	for at := int64(0); at < st.Size(); at += int64(len(zero)) {
		if _, err := f.WriteAt(zero[:min(int64(len(zero)), st.Size()-at)], at); err != nil {
			return fmt.Errorf("overwrite %s: %w", filepath.Base(f.Name()), err)
		}
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("overwrite %s: %w", filepath.Base(f.Name()), err)
	}
	return nil
}
