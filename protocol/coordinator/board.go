package coordinator

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

var errBusy = errors.New("the object is being received already")

// board keeps objects as files named by their hash.
type board struct {
	dir string

	mu    sync.Mutex // guards items
	items map[wire.Hash]*item
}

type item struct {
	there chan struct{} // closed when the file is complete
	busy  bool          // somebody is sending it
}

// openBoard makes the folder, or finds what an earlier life left in it.
func openBoard(dir string) (*board, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	if err := objects.SyncFolder(filepath.Dir(dir)); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	b := &board{dir: dir, items: map[wire.Hash]*item{}}
	return b, b.restore()
}

// restore takes over the objects that an earlier life has received, when every
// byte of them is still there; a file that is not what its name says goes.
func (b *board) restore() error {
	files, err := os.ReadDir(b.dir)
	if err != nil {
		return fmt.Errorf("board: %w", err)
	}
	for _, e := range files {
		var h wire.Hash
		if h.UnmarshalText([]byte(e.Name())) != nil {
			continue
		}
		f, err := os.Open(b.path(h))
		if err != nil {
			return fmt.Errorf("board: %w", err)
		}
		sum := sha256.New()
		_, err = io.Copy(sum, f)
		f.Close()
		if err != nil {
			return fmt.Errorf("board: %w", err)
		}
		if wire.Hash(sum.Sum(nil)) != h {
			if err := os.Remove(b.path(h)); err != nil {
				return fmt.Errorf("board: %w", err)
			}
			continue
		}
		close(b.item(h).there) // nobody else knows the board yet
	}
	return nil
}

func (b *board) path(h wire.Hash) string { return filepath.Join(b.dir, h.String()) }

// item is called with b.mu held.
func (b *board) item(h wire.Hash) *item {
	it := b.items[h]
	if it == nil {
		it = &item{there: make(chan struct{})}
		b.items[h] = it
	}
	return it
}

// holds says whether the object is complete.
func (b *board) holds(h wire.Hash) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.item(h).there:
		return true
	default:
		return false
	}
}

// receive streams an object to disk while hashing it. An object that differs
// from its announcement is objects.ErrWrong and leaves nothing.
func (b *board) receive(o wire.Object, r io.Reader) error {
	b.mu.Lock()
	it := b.item(o.Hash)
	select {
	case <-it.there:
		b.mu.Unlock()
		return nil
	default:
	}
	if it.busy {
		b.mu.Unlock()
		return errBusy
	}
	it.busy = true
	b.mu.Unlock()

	err := objects.Receive(b.path(o.Hash), r, o.Hash, o.Size)

	b.mu.Lock()
	defer b.mu.Unlock()
	it.busy = false
	if err == nil {
		close(it.there)
	}
	return err
}

// wait returns the file of an object once it is complete.
func (b *board) wait(ctx context.Context, h wire.Hash) (string, error) {
	b.mu.Lock()
	there := b.item(h).there
	b.mu.Unlock()
	select {
	case <-there:
		return b.path(h), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
