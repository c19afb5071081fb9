package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const headName = "cosigned"

// ErrFork says that a checkpoint, a proof or a delivered entry contradicts what the ledger holds.
var ErrFork = errors.New("another history than this replica's")

// ErrStale says that a checkpoint is older than one this replica has cosigned.
var ErrStale = errors.New("checkpoint is older than the last cosigned one")

// Checkpoint is the tree's state: c2sp.org/tlog-checkpoint, three lines.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   Hash
}

// Text is the checkpoint's note text.
func (c Checkpoint) Text() []byte {
	return fmt.Appendf(nil, "%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// ParseCheckpoint reads a checkpoint's text; there is one accepted form and no extension line.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	if len(text) > 1<<10 {
		return Checkpoint{}, errors.New("checkpoint is too long")
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return Checkpoint{}, errors.New("checkpoint is not three lines: origin, size, root")
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || size == 0 {
		return Checkpoint{}, errors.New("checkpoint's size is not a positive number")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	c := Checkpoint{Origin: lines[0], Size: size}
	if err != nil || len(root) != len(c.Root) {
		return Checkpoint{}, errors.New("checkpoint's root is not 32 bytes in base64")
	}
	copy(c.Root[:], root)
	if string(c.Text()) != string(text) {
		return Checkpoint{}, errors.New("checkpoint is not in its canonical form")
	}
	return c, nil
}

// KeyName is the note key name of a cosigning member. The convener, who signs as the log, has the origin as its key name.
func KeyName(origin, member string) string { return origin + "/" + member }

// Checkpoint is the present state of the tree, not signed by anybody.
func (l *Ledger) Checkpoint(origin string) (Checkpoint, error) {
	size, root, err := l.Root()
	return Checkpoint{Origin: origin, Size: size, Root: root}, err
}

// Commit binds this replica to a checkpoint: it must be a state of this ledger, not older than the last one bound to, and it is
// on disk when Commit returns. ErrFork: the ledger holds another root at that size. ErrRange: the ledger is not that long yet.
func (l *Ledger) Commit(c Checkpoint) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	root, err := l.rootAt(c.Size)
	if err != nil {
		return err
	}
	if root != c.Root {
		return fmt.Errorf("checkpoint of size %d: %w", c.Size, ErrFork)
	}
	text := c.Text()
	if l.head != nil {
		last, err := ParseCheckpoint(l.head)
		if err != nil {
			return err
		}
		if last.Origin != c.Origin {
			return fmt.Errorf("checkpoint of %q: %w", c.Origin, ErrFork)
		}
		if c.Size < last.Size {
			return ErrStale
		}
		if c.Size == last.Size {
			return nil
		}
	}
	// A crash after this write and before the signature leaves is harmless: the same checkpoint is signed again.
	if err := writeDurable(l.d, l.dir, headName, text); err != nil {
		return l.fail(err)
	}
	l.head = text
	return nil
}

// Head is the last checkpoint that this replica is bound to, if there is one.
func (l *Ledger) Head() (Checkpoint, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.head == nil {
		return Checkpoint{}, false
	}
	c, err := ParseCheckpoint(l.head)
	return c, err == nil
}

// Cosign commits to a checkpoint and returns it as a note with the signatures of one party: with each of its keys.
func (l *Ledger) Cosign(c Checkpoint, s ...note.Signer) ([]byte, error) {
	if err := l.Commit(c); err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	msg, err := note.Sign(&note.Note{Text: string(c.Text())}, s...)
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	return msg, nil
}
