package mhe

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/tuneinsight/lattigo/v5/ring"
)

// ErrSpill: what waited on disk is not what was put there. The run cannot go on: a share on it could be a share on anything.
var ErrSpill = errors.New("a file of waiting ciphertexts has changed or is gone")

// Spill keeps what waits between two uses – aggregates that are not complete, ciphertexts until their next stage – in memory while there is
// room, beyond that in files of one folder, so that a run of any size fits a budget. What waits is public to the members of the run; but a
// share is made on it later, so every file's hash stays in memory and is compared whenever it is read.
//
// A nil Spill keeps everything in memory. Safe for concurrent use.
type Spill struct {
	dir  string
	once sync.Once // makes the folder
	err  error     // of making it

	mu   sync.Mutex // guards everything below
	room int64      // bytes of memory left; may be overdrawn by nobody
	next int        // name of the next file
	disk int64
	peak int64
}

// NewSpill keeps up to room bytes in memory and the rest in dir, which is made when it is first needed. What an earlier life has left in dir
// is removed: it is computed again.
func NewSpill(dir string, room int64) (*Spill, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("empty the folder of waiting ciphertexts: %w", err)
	}
	return &Spill{dir: dir, room: room}, nil
}

// Peak is the most that was on disk at a time, in bytes.
func (s *Spill) Peak() int64 {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak
}

// Close removes the folder. Whatever was kept in it is lost.
func (s *Spill) Close() error {
	if s == nil {
		return nil
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove waiting ciphertexts: %w", err)
	}
	return nil
}

// shelf holds polynomials that wait. One owner; get may be called by several goroutines.
type shelf struct {
	s     *Spill
	c     *Context
	rows  []row // shape of each polynomial
	polys []ring.Poly
	path  string // of the file when polys is nil
	sum   [32]byte
	size  int64 // taken from the room or from the disk
}

func shapes(ps []ring.Poly) []row {
	rows := make([]row, len(ps))
	for i, p := range ps {
		rows[i] = row{p.Level(), false, 1}
	}
	return rows
}

// put takes the polynomials over: the caller does not write to them any more.
func (s *Spill) put(c *Context, ps ...ring.Poly) (*shelf, error) {
	h := &shelf{s: s, c: c, rows: shapes(ps), polys: ps}
	if s == nil {
		return h, nil
	}
	for _, p := range ps {
		h.size += int64(p.Level()+1) << (c.set.LogN + 3)
	}
	s.mu.Lock()
	fits := h.size <= s.room
	if fits {
		s.room -= h.size
	}
	s.mu.Unlock()
	if fits {
		return h, nil
	}
	return h, h.store()
}

func (h *shelf) frame() frame { return frame{kind: kindWaiting, rows: h.rows} }

// store writes the file anew, never in place: the file before it may be half read by nobody, but a reader of half a new one would be worse.
func (h *shelf) store() (err error) {
	s := h.s
	if s.once.Do(func() { s.err = os.MkdirAll(s.dir, 0o700) }); s.err != nil {
		return fmt.Errorf("folder of waiting ciphertexts: %w", s.err)
	}
	if h.path == "" {
		s.mu.Lock()
		h.path = filepath.Join(s.dir, strconv.Itoa(s.next))
		s.next++
		s.mu.Unlock()
	}
	f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("keep a waiting ciphertext: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := h.c.newWriter(f, h.frame(), 0)
	for i, p := range h.polys {
		w.poly(h.c.moduli(h.rows[i].level, false), p.Coeffs...)
	}
	if w.err != nil {
		return fmt.Errorf("keep a waiting ciphertext: %w", w.err)
	}
	h.sum, h.polys = [32]byte(w.sum.Sum(nil)), nil
	size := h.c.size(h.frame(), 0)
	s.mu.Lock()
	s.disk += size - h.onDisk()
	s.peak = max(s.peak, s.disk)
	s.mu.Unlock()
	h.size = -size // on disk
	return nil
}

// onDisk is what the shelf has counted on disk so far.
func (h *shelf) onDisk() int64 { return max(0, -h.size) }

// get returns the polynomials: the very ones that were put while they are in memory, which nobody may change; else copies.
func (h *shelf) get() (ps []ring.Poly, err error) {
	if h.polys != nil {
		return h.polys, nil
	}
	if h.path == "" {
		return nil, errors.New("a waiting ciphertext was given up already")
	}
	f, err := os.Open(h.path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSpill, err)
	}
	defer f.Close()
	rd, err := h.c.open(f, h.frame(), 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSpill, err)
	}
	for _, r := range h.rows {
		p := h.c.ringQ(r.level).NewPoly()
		if err := rd.poly(h.c.moduli(r.level, false), p.Coeffs...); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSpill, err)
		}
		ps = append(ps, p)
	}
	switch sum, err := rd.close(); {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrSpill, err)
	case sum != h.sum:
		return nil, ErrSpill
	}
	return ps, nil
}

// update lets f change the polynomials.
func (h *shelf) update(f func(ps []ring.Poly) error) error {
	ps, err := h.get()
	if err != nil {
		return err
	}
	if err := f(ps); err != nil || h.polys != nil {
		return err
	}
	h.polys = ps
	return h.store()
}

// free gives the place back; the shelf is empty then.
func (h *shelf) free() {
	s := h.s
	h.polys = nil
	if s == nil {
		return
	}
	s.mu.Lock()
	if h.size < 0 {
		s.disk += h.size
	} else {
		s.room += h.size
	}
	h.size = 0
	s.mu.Unlock()
	if h.path != "" {
		os.Remove(h.path) // a left-over goes with the folder
		h.path = ""
	}
}
