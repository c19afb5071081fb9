package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	keysFile   = "keys.json"
	publicFile = "public.json"
	maxFile    = 16 << 10
)

// ErrExists is wrapped by Save when the folder holds an identity already.
var ErrExists = errors.New("an identity exists already")

// Save writes the keys into dir, creating it, and returns when they are on
// disk. It never replaces keys.
func (k *Keys) Save(dir string) error {
	if err := makePrivate(dir); err != nil {
		return fmt.Errorf("saving the identity of %s: %w", k.Name(), err)
	}
	if _, err := os.Lstat(filepath.Join(dir, keysFile)); err == nil {
		return fmt.Errorf("saving the identity of %s in %s: %w: choose another folder", k.Name(), dir, ErrExists)
	}
	secret, err := json.Marshal(k.seeds)
	if err != nil {
		return fmt.Errorf("saving the identity of %s: %w", k.Name(), err)
	}
	// The public half first: a crash between the two leaves no keys.json, hence
	// no identity, and the next Save overwrites what is there.
	if err := writeDurable(dir, publicFile, append(k.public.Canonical(), '\n'), os.Rename); err != nil {
		return fmt.Errorf("saving the public identity of %s: %w", k.Name(), err)
	}
	// Link, unlike rename, fails if the target exists: of two concurrent Saves
	// one wins and the other says so.
	if err := writeDurable(dir, keysFile, append(secret, '\n'), linkNew); err != nil {
		if errors.Is(err, fs.ErrExist) {
			err = ErrExists
		}
		return fmt.Errorf("saving the keys of %s in %s: %w", k.Name(), dir, err)
	}
	return nil
}

// Load reads the keys from dir. It refuses a folder or file that others than
// its owner may use, an unknown field, and a public.json of somebody else.
func Load(dir string) (*Keys, error) {
	if err := checkPrivate(dir, true); err != nil {
		return nil, fmt.Errorf("loading an identity: %w", err)
	}
	b, err := readPrivate(filepath.Join(dir, keysFile))
	if err != nil {
		return nil, fmt.Errorf("loading an identity: %w", err)
	}
	var s seeds
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		// Not %w: an error of encoding/json may quote what it read.
		return nil, fmt.Errorf("loading an identity: %s is not valid: restore it from a backup", filepath.Join(dir, keysFile))
	}
	if s.Version != seedsVersion {
		return nil, fmt.Errorf("loading %s: %w", filepath.Join(dir, keysFile), errVersion(s))
	}
	if again, err := json.Marshal(s); err != nil || !bytes.Equal(append(again, '\n'), b) {
		return nil, fmt.Errorf("loading an identity: %s is not in the form it was saved in: restore it from a backup", filepath.Join(dir, keysFile))
	}
	k, err := derive(s)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", filepath.Join(dir, keysFile), err)
	}
	b, err = readPrivate(filepath.Join(dir, publicFile))
	if err != nil {
		return nil, fmt.Errorf("loading the identity of %s: %w", k.Name(), err)
	}
	p, err := ParsePublic(bytes.TrimSuffix(b, []byte("\n")))
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", filepath.Join(dir, publicFile), err)
	}
	if !p.Equal(k.public) {
		return nil, fmt.Errorf("loading the identity of %s: %s belongs to other keys: restore both files from one backup", k.Name(), filepath.Join(dir, publicFile))
	}
	return k, nil
}

func makePrivate(dir string) error {
	if err := os.Mkdir(dir, 0o700); err == nil {
		return syncDir(filepath.Dir(filepath.Clean(dir)))
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	return checkPrivate(dir, true)
}

// checkPrivate refuses anything but a folder (or regular file) without rights
// for group and others. A symbolic link is refused too.
func checkPrivate(path string, dir bool) error {
	fi, err := os.Lstat(path)
	if err != nil {
		return err
	}
	want := "600"
	if dir {
		want = "700"
	}
	if dir != fi.IsDir() || !dir && !fi.Mode().IsRegular() {
		return fmt.Errorf("%s is neither a folder of keys nor a file of keys: it is %v", path, fi.Mode().Type())
	}
	if p := fi.Mode().Perm(); p&0o077 != 0 {
		return fmt.Errorf("%s has mode %04o and may be used by others than its owner: run chmod %s %s", path, p, want, path)
	}
	return nil
}

func readPrivate(path string) ([]byte, error) {
	if err := checkPrivate(path, false); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s has more than %d bytes", path, maxFile)
	}
	return b, nil
}

// writeDurable puts a file of mode 0600 in place and returns when file and
// folder are on disk. A crash before place leaves a temp file nobody reads.
func writeDurable(dir, name string, b []byte, place func(from, to string) error) error {
	f, err := os.CreateTemp(dir, "."+name+".tmp-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(b); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := place(f.Name(), filepath.Join(dir, name)); err != nil {
		return err
	}
	return syncDir(dir)
}

func linkNew(from, to string) error { return os.Link(from, to) }

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
