package coordinator

import (
	"context"
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

// newBoard makes an empty folder; what an earlier life left is not used.
func newBoard(dir string) (*board, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	return &board{dir: dir, items: map[wire.Hash]*item{}}, nil
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
