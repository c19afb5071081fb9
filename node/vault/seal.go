package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"
)

// Sealer seals what must outlive this process and be read by nobody but this member: a file taken from the directory, or a backup
// without its keys folder, is of no use to whoever has it. Safe for concurrent use.
type Sealer struct {
	path     string
	identity *age.X25519Identity
}

// maxSealed is more than any run's journal needs: 2^15 cells of two numbers of 20 digits, and the state of a key share.
const maxSealed = 16 << 20

// OpenSealer reads the age identity (X25519) at path, one line as age-keygen writes it, or makes one: the first start of a member
// does. A file that others may read is refused.
func OpenSealer(path string) (*Sealer, error) {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newSealer(path)
	}
	if err != nil {
		return nil, fmt.Errorf("open sealing key: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("sealing key %s has mode %04o and can be read by other users; run: chmod 600 %s", path, st.Mode().Perm(), path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open sealing key: %w", err)
	}
	defer clear(b)
	id, err := age.ParseX25519Identity(string(bytes.TrimSuffix(b, []byte("\n"))))
	if err != nil { // not its text, which could quote the key
		return nil, fmt.Errorf("open sealing key: %s is not an age identity; restore it from a backup", path)
	}
	return &Sealer{path: path, identity: id}, nil
}

func newSealer(path string) (*Sealer, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make sealing key: %w", err)
	}
	if err := Write(path, []byte(id.String()+"\n")); err != nil {
		return nil, fmt.Errorf("make sealing key: %w", err)
	}
	return &Sealer{path: path, identity: id}, nil
}

// Seal encrypts to this member (age file format v1, binary).
func (s *Sealer) Seal(plain []byte) ([]byte, error) {
	if len(plain) > maxSealed {
		return nil, fmt.Errorf("seal: %d bytes, at most %d", len(plain), maxSealed)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, s.identity.Recipient())
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := w.Close(); err != nil { // the last chunk is written here
		return nil, fmt.Errorf("seal: %w", err)
	}
	return b.Bytes(), nil
}

// Open gives back what Seal was given. The caller wipes it.
func (s *Sealer) Open(sealed []byte) ([]byte, error) {
	if len(sealed) > 2*maxSealed {
		return nil, fmt.Errorf("open a sealed file: %d bytes, at most %d", len(sealed), 2*maxSealed)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), s.identity)
	if err != nil {
		return nil, fmt.Errorf("open a sealed file with %s: %w", s.path, err)
	}
	plain := make([]byte, 0, len(sealed)) // its overhead leaves room: no copy of the secret is left behind in a growing buffer
	for {
		n, err := r.Read(plain[len(plain):cap(plain)])
		plain = plain[:len(plain)+n]
		if err == io.EOF {
			return plain, nil
		}
		if err != nil {
			clear(plain)
			return nil, fmt.Errorf("open a sealed file with %s: %w", s.path, err)
		}
	}
}
