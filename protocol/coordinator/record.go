package coordinator

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// recordFile is the board's index: one line for everything that the relay holds,
// in its order, a word and what belongs to it:
//
//	commit {…}     a statement, to the byte as it was signed
//	void {…}       likewise
//	ended payer-1  a payer needs nothing more
//
// A line is durable before anybody is told of what it says. A crash in the middle
// of a line leaves its beginning, which the next life cuts off: nobody has
// heard of it, and its author says it again.
const recordFile = "record"

// record is the file behind a relay. It is used with the relay's lock held.
type record struct {
	f    *os.File
	size int64 // bytes that are whole lines
}

var words = map[wire.Kind]string{wire.KindCommit: "commit", wire.KindVoid: "void"}

// add makes a line durable. After an error the line is as if never written.
func (r *record) add(word string, b []byte) error {
	line := slices.Concat([]byte(word), []byte(" "), b, []byte("\n"))
	_, err := r.f.WriteAt(line, r.size)
	if err == nil {
		err = r.f.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("record of the board: %w", err), r.f.Truncate(r.size))
	}
	r.size += int64(len(line))
	return nil
}

// restore opens the record in the board's folder and fills the relay with what
// an earlier life has written there. Signatures are verified again. From the
// first line on that is not whole the rest is cut off.
func (r *relay) restore(dir string, members map[string]identity.Public) error {
	path := filepath.Join(dir, recordFile)
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("record of the board: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("record of the board: %w", err)
	}
	rec := &record{f: f}
	for {
		line, rest, whole := bytes.Cut(b[rec.size:], []byte("\n"))
		word, text, _ := bytes.Cut(line, []byte(" "))
		if !whole || !r.read(string(word), text, members) {
			break
		}
		rec.size = int64(len(b) - len(rest))
	}
	if err := errors.Join(f.Truncate(rec.size), f.Sync(), objects.SyncFolder(dir)); err != nil {
		return errors.Join(fmt.Errorf("record of the board: %w", err), f.Close())
	}
	r.record = rec
	return nil
}

// read takes one line into the relay and says whether it was understood.
func (r *relay) read(word string, text []byte, members map[string]identity.Public) bool {
	if word == "ended" {
		r.ended[string(text)] = true
		return true
	}
	for kind, w := range words {
		if w != word {
			continue
		}
		e, err := driver.Open(members, kind, text)
		if err != nil {
			return false
		}
		switch e := e.(type) {
		case run.Received:
			_, err = r.commit(e.Commit)
		case run.Voided:
			_, err = r.void(e.Void)
		}
		return err == nil
	}
	return false
}

// written makes a statement durable before it is relayed; r.mu is held. The
// convener's own are in its journal, or come out of it again: on a full disk it
// still says that it ends the run.
func (r *relay) written(kind wire.Kind, member string, b []byte) error {
	if r.record == nil { // being restored
		return nil
	}
	if err := r.record.add(words[kind], b); member != r.m.Convener {
		return err
	}
	return nil
}

// history is what an earlier life has relayed, for this life's machine.
func (r *relay) history() []run.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []run.Event
	for _, m := range r.list {
		switch m := m.(type) {
		case *wire.SignedCommit:
			out = append(out, run.Received{Commit: m})
		case *wire.SignedVoid:
			out = append(out, run.Voided{Void: m})
		}
	}
	return out
}

// objects are those that the statements so far announce, in the relay's order.
func (r *relay) objects() []wire.Object {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []wire.Object
	for _, m := range r.list {
		if c, ok := m.(*wire.SignedCommit); ok {
			out = append(out, announcedBy(c.Body()))
		}
	}
	return out
}

// announcedBy is the object that a commit announces.
func announcedBy(b wire.Commit) wire.Object {
	return wire.Object{Run: b.Run, Manifest: b.Manifest, Step: b.Step, Member: b.Member, Hash: b.Object, Size: b.Size}
}

func (r *relay) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record == nil {
		return nil
	}
	return r.record.f.Close()
}
