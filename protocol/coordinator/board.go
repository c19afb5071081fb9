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
	list  func() (objects.List, error)
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
		list, size, err := objects.ListOf(b.path(h))
		if err != nil {
			return fmt.Errorf("board: %w", err)
		}
		if list.Hash(size) != h {
			if err := os.Remove(b.path(h)); err != nil {
				return fmt.Errorf("board: %w", err)
			}
			continue
		}
		it := b.item(h)
		it.list = func() (objects.List, error) { return list, nil }
		close(it.there) // nobody else knows the board yet
	}
	return nil
}

func (b *board) path(h wire.Hash) string { return filepath.Join(b.dir, h.String()) }

// item is called with b.mu held.
func (b *board) item(h wire.Hash) *item {
	it := b.items[h]
	if it == nil {
		path := b.path(h)
		it = &item{there: make(chan struct{}), list: sync.OnceValues(func() (objects.List, error) {
			l, _, err := objects.ListOf(path)
			return l, err
		})}
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

// copy takes the convener's own object from its journal.
func (b *board) copy(o wire.Object, r io.Reader) error {
	return b.add(o, func() error { return objects.Receive(b.path(o.Hash), r, o.Hash, o.Size) })
}

// receive takes an object over a stream, from where an earlier stream was lost.
// An object that differs from its announcement is objects.ErrWrong. got counts the
// bytes that came.
func (b *board) receive(o wire.Object, s objects.Stream) (got int64, err error) {
	err = b.add(o, func() error {
		p, err := objects.Resume(b.path(o.Hash), o.Hash, o.Size)
		if err != nil {
			return err
		}
		defer p.Close()
		if got, err = p.Fill(s); err != nil {
			return err
		}
		return p.Keep(true)
	})
	return got, err
}

// add lets one at a time bring an object.
func (b *board) add(o wire.Object, bring func() error) error {
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

	err := bring()

	b.mu.Lock()
	defer b.mu.Unlock()
	it.busy = false
	if err == nil {
		close(it.there)
	}
	return err
}

// chunks is the list of an object that is there. It is made once, when first
// asked for.
func (b *board) chunks(h wire.Hash) (objects.List, error) {
	b.mu.Lock()
	list := b.item(h).list
	b.mu.Unlock()
	return list()
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
