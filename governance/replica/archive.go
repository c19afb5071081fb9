package replica

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// A snapshot is a file from which any member of the ledger can begin again: a line with the archive as canonical JSON, and the ledger as it travels inside Raft
// (export.go). It carries no key and no member's data.
type archive struct {
	Format  string       `json:"format"`
	Genesis []byte       `json:"genesis"`
	Meta    snapshotMeta `json:"meta"` // where in Raft's log it is
	// Checkpoint is signed, of the snapshot's size or a later one; Proof that the snapshot is its beginning (RFC 6962 consistency).
	Checkpoint []byte   `json:"checkpoint"`
	Proof      [][]byte `json:"proof"`
}

const archiveFormat = "tacet-snapshot/v1"

// ErrSnapshot says that a file is not a snapshot of this ledger.
var ErrSnapshot = errors.New("not a good snapshot of this ledger")

// WriteSnapshot writes a snapshot of what is in the ledger now. It waits for a signed checkpoint over it until ctx ends.
func (r *Replica) WriteSnapshot(ctx context.Context, w io.Writer) error {
	if !r.handlers.enter() {
		return ErrStopped
	}
	defer r.handlers.leave()
	meta, err := r.place()
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	var s *ledger.Signed
	if err := r.wait(ctx, func() bool { s = r.checkpoints.get(); return s != nil && s.Size >= meta.Size }); err != nil {
		return fmt.Errorf("write snapshot: no signed checkpoint over %d entries: %w", meta.Size, err)
	}
	a := archive{Format: archiveFormat, Genesis: r.genesis, Meta: meta}
	if a.Checkpoint, err = s.Note(); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	hashes, err := r.ledger.Consistency(meta.Size, s.Size)
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	for _, h := range hashes {
		a.Proof = append(a.Proof, h[:])
	}
	line, err := entry.Canonical(a)
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if _, err := io.Copy(w, newExportReader(r.ledger, meta.Size, meta.Root)); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

// place is where in Raft's log the ledger is now: at its last entry, or where Raft's log begins behind it.
func (r *Replica) place() (m snapshotMeta, err error) {
	if m.Size, m.Root, err = r.ledger.Root(); err != nil {
		return m, err
	}
	if m.Index, err = r.ledger.Position(m.Size - 1); err != nil || m.Index == 0 {
		return m, errors.Join(errors.New("this member has nothing in its log yet"), err)
	}
	var at raft.Log
	if err := r.store.GetLog(m.Index, &at); err == nil {
		m.Term = at.Term
	} else {
		r.snapshots.mu.Lock()
		have := r.snapshots.meta
		r.snapshots.mu.Unlock()
		if have == nil || have.Index < m.Index || have.Size != m.Size {
			return m, fmt.Errorf("raft's log lacks its entry %d: try again: %w", m.Index, err)
		}
		m.Index, m.Term = have.Index, have.Term
	}
	r.View(func(s *rules.State) { m.Configuration = configurationOf(s) })
	m.ID, m.ConfigurationIndex = fmt.Sprintf("%d-%d", m.Term, m.Index), m.Index
	m.Bytes, err = exportBytes(r.ledger, m.Size)
	return m, err
}

// Restored is what a snapshot held.
type Restored struct {
	Size  uint64 `json:"size"`
	Root  string `json:"root"`  // hex
	Floor uint64 `json:"floor"` // before its ledger has this size again, the member signs nothing
}

// RestoreSnapshot makes the folder of a replica from a snapshot: every entry is judged by the rules from the genesis on, the root compared, the checkpoint's signatures
// verified. dir must hold no ledger. genesis is the ledger's, canonical. A crash leaves no ledger, or the whole of it.
func RestoreSnapshot(dir string, genesis []byte, source io.Reader) (Restored, error) {
	out, err := restore(dir, genesis, source)
	if err != nil {
		return out, fmt.Errorf("restore snapshot: %w", err)
	}
	return out, nil
}

func restore(dir string, genesis []byte, source io.Reader) (out Restored, err error) {
	for _, name := range []string{"log", "raft.db", metaName} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return out, fmt.Errorf("%s holds a ledger already: wipe it first", dir)
		}
	}
	in := bufio.NewReaderSize(source, entry.MaxSize)
	line, err := in.ReadSlice('\n')
	var a archive
	if err != nil || entry.Decode(bytes.TrimSuffix(line, []byte("\n")), &a) != nil || a.Format != archiveFormat {
		return out, fmt.Errorf("%w: it does not begin as one", ErrSnapshot)
	}
	if !bytes.Equal(a.Genesis, genesis) {
		return out, fmt.Errorf("%w: it is of another genesis", ErrSnapshot)
	}
	g, err := rules.ParseGenesis(genesis)
	if err != nil {
		return out, err
	}
	if err := guardConfiguration(a.Meta.Configuration); err != nil {
		return out, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	tmp := filepath.Join(dir, "restore.tmp")
	if err := errors.Join(os.RemoveAll(tmp), os.MkdirAll(tmp, 0o700)); err != nil {
		return out, err
	}
	defer os.RemoveAll(tmp)
	state, err := refill(filepath.Join(tmp, "log"), g, genesis, in, a)
	if err != nil {
		return out, err
	}
	signed, err := a.verify(&Replica{cfg: Config{Genesis: g}, state: state})
	if err != nil {
		return out, err
	}
	// What this member has signed after the snapshot stays what it must reach.
	floor := a.Checkpoint
	if have, err := os.ReadFile(filepath.Join(dir, floorName)); err == nil {
		text, _, _ := bytes.Cut(have, []byte("\n\n"))
		if c, err := ledger.ParseCheckpoint(append(bytes.TrimSuffix(text, []byte("\n")), '\n')); err != nil || c.Size > signed.Size {
			floor, signed.Checkpoint = have, c
		}
	}
	a.Meta.Configuration = configurationOf(state)
	meta, err := entry.Canonical(a.Meta)
	if err != nil {
		return out, err
	}
	// The ledger last: what a crash before that leaves does not start, and is wiped.
	if err := errors.Join(writeDurable(filepath.Join(dir, floorName), floor), writeDurable(filepath.Join(dir, metaName), meta)); err != nil {
		return out, err
	}
	if err := os.Rename(filepath.Join(tmp, "log"), filepath.Join(dir, "log")); err != nil {
		return out, err
	}
	return Restored{Size: a.Meta.Size, Root: hex.EncodeToString(a.Meta.Root[:]), Floor: signed.Size}, nil
}

// configurationOf is Raft's configuration of a member that begins again: all payers of the log vote, whether or not they did then. With an older one a convener could
// take itself for a majority and go on alone.
func configurationOf(s *rules.State) []byte {
	var c raft.Configuration
	for _, m := range s.Members() {
		if m.Left {
			continue
		}
		v := raft.Server{Suffrage: raft.Nonvoter, ID: raft.ServerID(m.Name), Address: raft.ServerAddress(m.Name)}
		if m.Role == rules.RoleConvener || m.Role == rules.RolePayer {
			v.Suffrage = raft.Voter
		}
		c.Servers = append(c.Servers, v)
	}
	return raft.EncodeConfiguration(c)
}

// refill writes the entries into a new ledger, each accepted by the rules.
func refill(dir string, g rules.Genesis, genesis []byte, in io.Reader, a archive) (state *rules.State, err error) {
	l, err := ledger.Open(dir, genesis)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if state, err = rules.New(g); err != nil {
		return nil, err
	}
	var batch []ledger.Record
	take := func() error {
		if err := applyAll(state, batch); err != nil {
			return fmt.Errorf("%w: %w", ErrSnapshot, err)
		}
		err := l.Append(batch)
		batch = nil
		return err
	}
	size, root, err := readExport(in, func(_ uint64, rec ledger.Record) error {
		if batch = append(batch, rec); len(batch) < replayBatch {
			return nil
		}
		return take()
	})
	if err == nil {
		err = take()
	}
	if err != nil {
		return nil, err
	}
	have, err := l.RootAt(size)
	if err != nil || have != root || root != a.Meta.Root || size != a.Meta.Size || l.Size() != size || l.Last() > a.Meta.Index {
		return nil, errors.Join(fmt.Errorf("%w: the entries do not have the root that it says", ErrSnapshot), err)
	}
	return state, nil
}

// verify checks the archive's checkpoint and that the snapshot is its beginning.
func (a archive) verify(r *Replica) (*ledger.Signed, error) {
	s, err := r.openSigned(a.Checkpoint)
	if err != nil || !s.Log {
		return nil, errors.Join(fmt.Errorf("%w: the convener has not signed its checkpoint", ErrSnapshot), err)
	}
	var proof []ledger.Hash
	for _, h := range a.Proof {
		if len(h) != len(ledger.Hash{}) {
			return nil, ErrSnapshot
		}
		proof = append(proof, ledger.Hash(h))
	}
	mine := ledger.Checkpoint{Origin: s.Origin, Size: a.Meta.Size, Root: a.Meta.Root}
	if err := ledger.VerifyConsistency(proof, mine, s.Checkpoint); err != nil {
		return nil, fmt.Errorf("%w: it is not what the convener has signed: %w", ErrSnapshot, err)
	}
	return s, nil
}

// Wipe deletes the ledger in a replica's folder, which nobody may be using, and keeps what must survive it: proofs of forks, and what this member has signed. A
// crash in between leaves some of it, and Wipe again deletes the rest.
func Wipe(dir string) error {
	head, err := os.ReadFile(filepath.Join(dir, "log", "cosigned"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("wipe: %w", err)
	}
	if err == nil { // as a signed note, when the one that is kept is it: a better proof
		floor := head
		if note, err := os.ReadFile(filepath.Join(dir, checkpointName)); err == nil && bytes.HasPrefix(note, append(bytes.Clone(head), '\n')) {
			floor = note
		}
		if err := writeDurable(filepath.Join(dir, floorName), floor); err != nil {
			return fmt.Errorf("wipe: %w", err)
		}
	}
	for _, name := range []string{metaName, spoolName, spoolName + ".tmp", checkpointName, "raft.db", "restore.tmp", "log"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("wipe: %w", err)
		}
	}
	return nil
}
