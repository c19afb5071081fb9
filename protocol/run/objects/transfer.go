package objects

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tacet-health/tacet/protocol/wire"
)

const (
	unfinished = ".part"
	ahead      = 2               // wants that are under way on one stream
	perWant    = 8               // chunks of one
	stalled    = 2 * time.Minute // the longest a chunk may take
)

// Stream is what a transfer runs on.
type Stream interface {
	io.Reader
	io.Writer
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// Serve sends an object over a stream: the chunk hashes, and then what the other
// side asks for. It returns at the first frame that is no Want, with that frame,
// or with kind 0 at the other side's end. sent counts bytes of chunks.
func Serve(s Stream, f io.ReaderAt, l List, size int64) (sent int64, kind wire.Kind, payload []byte, err error) {
	s.SetWriteDeadline(time.Now().Add(stalled))
	if err := writeList(s, l); err != nil {
		return 0, 0, nil, err
	}
	buf := make([]byte, buffer)
	for {
		s.SetReadDeadline(time.Now().Add(stalled))
		kind, payload, err := wire.ReadFrame(s)
		switch {
		case err == io.EOF:
			return sent, 0, nil, nil
		case err != nil:
			return sent, 0, nil, err
		case kind != wire.KindWant:
			return sent, kind, payload, nil
		}
		w, err := wire.DecodeWant(payload)
		if err != nil {
			return sent, 0, nil, err
		}
		if w.First+w.Count > len(l) {
			return sent, 0, nil, fmt.Errorf("chunk %d of an object with %d is asked for", w.First+w.Count-1, len(l))
		}
		for i := w.First; i < w.First+w.Count; i++ {
			s.SetWriteDeadline(time.Now().Add(stalled))
			at := int64(i) * wire.Chunk
			n, err := io.CopyBuffer(struct{ io.Writer }{s}, struct{ io.Reader }{io.NewSectionReader(f, at, min(wire.Chunk, size-at))}, buf)
			sent += n
			if err != nil {
				return sent, 0, nil, fmt.Errorf("send object: %w", err)
			}
		}
	}
}

// Partial is an object that is being received, from one stream or from several
// at once. It survives the process: a later Resume of the same path goes on with
// the chunks that are there, each of which is hashed again.
type Partial struct {
	path string
	name wire.Hash
	size int64

	mu      sync.Mutex // guards the rest
	f       *os.File
	list    List
	have    []bool // checked and written
	claimed []bool // asked for on some stream
	missing int
	whole   bool // under its own name already
}

// Resume opens what there is of an object under path: nothing, some chunks, or
// all of it. The caller closes it, or keeps it when it is complete.
func Resume(path string, name wire.Hash, size int64) (*Partial, error) {
	if size < 1 || size > wire.MaxSize {
		return nil, fmt.Errorf("an object of %d bytes, allowed are 1 to %d", size, wire.MaxSize)
	}
	p := &Partial{path: path, name: name, size: size}
	if l, n, err := ListOf(path); err == nil && n == size && l.Hash(n) == name {
		p.whole = true
		return p, nil
	} else if err == nil { // not this object: somebody else's, or a broken disk's
		err = os.Remove(path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	f, err := os.OpenFile(path+unfinished, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", filepath.Base(path), err)
	}
	p.f = f
	return p, nil
}

// Complete says whether nothing is missing.
func (p *Partial) Complete() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.whole || p.list != nil && p.missing == 0
}

// adopt takes the list of the first stream and looks what is there already.
func (p *Partial) adopt(l List) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.list != nil {
		return nil // it has the same hash
	}
	have := make([]bool, len(l))
	missing := len(l)
	r := bufio.NewReaderSize(io.NewSectionReader(p.f, 0, p.size), buffer)
	sum := sha256.New()
	for i := range l {
		sum.Reset()
		n, err := io.Copy(sum, io.LimitReader(r, p.length(i)))
		if err != nil {
			return fmt.Errorf("read %s: %w", filepath.Base(p.path), err)
		}
		if n == 0 {
			break
		}
		if n == p.length(i) && wire.Hash(sum.Sum(nil)) == l[i] {
			have[i] = true
			missing--
		}
	}
	p.list, p.have, p.missing, p.claimed = l, have, missing, make([]bool, len(l))
	return nil
}

func (p *Partial) length(i int) int64 { return min(wire.Chunk, p.size-int64(i)*wire.Chunk) }

// claim takes the next run of chunks that nobody has asked for.
func (p *Partial) claim() (w wire.Want, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.list {
		switch {
		case p.have[i] || p.claimed[i]:
			if w.Count > 0 {
				return w, true
			}
		case w.Count == perWant:
			return w, true
		default:
			if w.Count == 0 {
				w.First = i
			}
			w.Count++
			p.claimed[i] = true
		}
	}
	return w, w.Count > 0
}

// unclaim gives back what a stream asked for and did not get.
func (p *Partial) unclaim(ws []wire.Want) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range ws {
		for i := w.First; i < w.First+w.Count; i++ {
			p.claimed[i] = false
		}
	}
}

// Fill is the receiving side of Serve: it asks for what is missing and nobody
// else has asked for, until there is none. Chunk hashes that are not the
// object's, or a chunk that is not its hash, is ErrWrong; what was right before
// stays. got counts bytes of chunks. It may run on several streams at once.
func (p *Partial) Fill(s Stream) (got int64, err error) {
	s.SetReadDeadline(time.Now().Add(stalled))
	l, err := readList(s, p.name, p.size)
	if err != nil {
		return 0, err
	}
	if err := p.adopt(l); err != nil {
		return 0, err
	}
	var asked []wire.Want
	defer func() { p.unclaim(asked) }()
	ask := func() error {
		w, ok := p.claim()
		if !ok {
			return nil
		}
		asked = append(asked, w)
		s.SetWriteDeadline(time.Now().Add(stalled))
		return wire.Write(s, w)
	}
	for range ahead {
		if err := ask(); err != nil {
			return 0, err
		}
	}
	var buf []byte
	for len(asked) > 0 {
		if buf == nil {
			buf = make([]byte, min(wire.Chunk, p.size))
		}
		for w := asked[0]; w.Count > 0; w.First, w.Count = w.First+1, w.Count-1 {
			asked[0] = w
			s.SetReadDeadline(time.Now().Add(stalled))
			n, err := p.chunk(s, w.First, buf)
			got += n
			if err != nil {
				return got, err
			}
		}
		asked = asked[1:]
		if err := ask(); err != nil {
			return got, err
		}
	}
	return got, nil
}

// chunk receives one, checks and keeps it.
func (p *Partial) chunk(r io.Reader, i int, buf []byte) (int64, error) {
	b := buf[:p.length(i)]
	n, err := io.ReadFull(r, b)
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return int64(n), fmt.Errorf("receive object %s, chunk %d: %w", p.name.Short(), i, err)
	}
	if wire.Hash(sha256.Sum256(b)) != p.list[i] {
		return int64(n), fmt.Errorf("object %s of %d bytes, chunk %d: %w", p.name.Short(), p.size, i, ErrWrong)
	}
	if _, err := p.f.WriteAt(b, int64(i)*wire.Chunk); err != nil {
		return int64(n), fmt.Errorf("write %s: %w", filepath.Base(p.path), err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.have[i] = true
	p.missing--
	return int64(n), nil
}

// Keep gives a complete object its name. Durable: it is on disk, name and all,
// when Keep returns; a crash before leaves the unfinished file, with all chunks.
func (p *Partial) Keep(durable bool) error {
	if !p.Complete() {
		return fmt.Errorf("object %s is not complete", p.name.Short())
	}
	if p.whole {
		return nil
	}
	if err := p.f.Truncate(p.size); err != nil { // an unfinished file of another object may have been longer
		return fmt.Errorf("write %s: %w", filepath.Base(p.path), err)
	}
	if durable {
		if err := p.f.Sync(); err != nil {
			return fmt.Errorf("write %s: %w", filepath.Base(p.path), err)
		}
	}
	if err := p.f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(p.path), err)
	}
	if err := os.Rename(p.path+unfinished, p.path); err != nil {
		return fmt.Errorf("create %s: %w", filepath.Base(p.path), err)
	}
	p.whole = true
	if !durable {
		return nil
	}
	return SyncFolder(filepath.Dir(p.path))
}

// Close leaves what there is for a later Resume, on disk as far as the system
// lets it: a chunk that a power cut takes away is received again.
func (p *Partial) Close() error {
	if p.whole {
		return nil
	}
	return errors.Join(p.f.Sync(), p.f.Close())
}
