package replica

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/hashicorp/raft"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
)

// snapshotStore is raft's SnapshotStore. The ledger only grows, so a snapshot of it is two numbers (size, root) and needs no
// copy: Open streams the ledger. What a leader sends is spooled, verified as a whole (verify) and only then accepted; until the FSM
// has taken it in, Open reads the spool.
//
// There is one snapshot, the newest, in one file that is replaced durably. A crash between the spool and that file
// leaves a spool nobody looks at.
type snapshotStore struct {
	dir    string
	ledger *ledger.Ledger
	// verify reads a leader's export and fails unless it is a superset of this replica's ledger that the rules accept.
	verify func(r io.Reader) (size uint64, root ledger.Hash, err error)

	mu   sync.Mutex // guards meta
	meta *snapshotMeta
}

type snapshotMeta struct {
	ID                 string      `json:"id"`
	Index              uint64      `json:"index"`
	Term               uint64      `json:"term"`
	Configuration      []byte      `json:"configuration"`
	ConfigurationIndex uint64      `json:"configuration_index"`
	Size               uint64      `json:"size"`
	Root               ledger.Hash `json:"root"`
	Bytes              int64       `json:"bytes"`
	Spool              bool        `json:"spool"` // the entries may be in the spool alone
}

const (
	metaName  = "snapshot.json"
	spoolName = "snapshot.spool"
)

func openSnapshots(dir string, l *ledger.Ledger, verify func(io.Reader) (uint64, ledger.Hash, error)) (*snapshotStore, error) {
	s := &snapshotStore{dir: dir, ledger: l, verify: verify}
	b, err := os.ReadFile(filepath.Join(dir, metaName))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open snapshots: %w", err)
	}
	m := new(snapshotMeta)
	if err := entry.Decode(b, m); err != nil {
		return nil, fmt.Errorf("open snapshots: %w", err)
	}
	if err := guardConfiguration(m.Configuration); err != nil {
		return nil, fmt.Errorf("open snapshots: %w", err)
	}
	s.meta = m
	return s, nil
}

// last is the Raft index up to which entries are in the snapshot.
func (s *snapshotStore) last() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.meta == nil {
		return 0
	}
	return s.meta.Index
}

func (m *snapshotMeta) raft() (*raft.SnapshotMeta, error) {
	c, err := decodeConfiguration(m.Configuration)
	if err != nil {
		return nil, err
	}
	return &raft.SnapshotMeta{Version: raft.SnapshotVersionMax, ID: m.ID, Index: m.Index, Term: m.Term,
		Configuration: c, ConfigurationIndex: m.ConfigurationIndex, Size: m.Bytes}, nil
}

// List implements raft.SnapshotStore.
func (s *snapshotStore) List() ([]*raft.SnapshotMeta, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.meta == nil {
		return nil, nil
	}
	m, err := s.meta.raft()
	if err != nil {
		return nil, err
	}
	return []*raft.SnapshotMeta{m}, nil
}

// Open implements raft.SnapshotStore.
func (s *snapshotStore) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.meta == nil || s.meta.ID != id {
		return nil, nil, fmt.Errorf("snapshot %q is not there", id)
	}
	m, err := s.meta.raft()
	if err != nil {
		return nil, nil, err
	}
	if s.ledger.Size() >= s.meta.Size {
		return m, newExportReader(s.ledger, s.meta.Size, s.meta.Root), nil
	}
	f, err := os.Open(filepath.Join(s.dir, spoolName))
	if err != nil {
		return nil, nil, fmt.Errorf("open snapshot: %w", err)
	}
	return m, f, nil
}

// Create implements raft.SnapshotStore, for the FSM's own snapshots and for a leader's.
func (s *snapshotStore) Create(version raft.SnapshotVersion, index, term uint64, c raft.Configuration, cIndex uint64, _ raft.Transport) (raft.SnapshotSink, error) {
	if version != raft.SnapshotVersionMax {
		return nil, fmt.Errorf("snapshot version %d", version)
	}
	return &snapshotSink{store: s, meta: snapshotMeta{ID: fmt.Sprintf("%d-%d", term, index), Index: index, Term: term,
		Configuration: raft.EncodeConfiguration(c), ConfigurationIndex: cIndex}}, nil
}

// snapshotSink receives one snapshot: either of this replica (local is called, nothing is written) or of a leader (bytes are written).
type snapshotSink struct {
	store *snapshotStore
	meta  snapshotMeta
	spool *os.File
	ended bool
}

// local makes it the snapshot of this replica's own ledger at size.
func (k *snapshotSink) local(size uint64, root ledger.Hash) error {
	n, err := exportBytes(k.store.ledger, size)
	k.meta.Size, k.meta.Root, k.meta.Bytes = size, root, n
	return err
}

// ID implements raft.SnapshotSink.
func (k *snapshotSink) ID() string { return k.meta.ID }

// Write implements raft.SnapshotSink.
func (k *snapshotSink) Write(b []byte) (int, error) {
	if k.spool == nil {
		f, err := os.OpenFile(filepath.Join(k.store.dir, spoolName+".tmp"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return 0, fmt.Errorf("spool snapshot: %w", err)
		}
		k.spool = f
	}
	if k.meta.Bytes += int64(len(b)); k.meta.Bytes > maxSnapshot {
		return 0, errors.New("snapshot is too long")
	}
	return k.spool.Write(b)
}

// Cancel implements raft.SnapshotSink.
func (k *snapshotSink) Cancel() error {
	if k.ended = true; k.spool == nil {
		return nil
	}
	return errors.Join(k.spool.Close(), os.Remove(k.spool.Name()))
}

// Close implements raft.SnapshotSink: it verifies a leader's snapshot and makes it the newest. raft calls it before it asks the
// FSM to restore, so an error here leaves this replica as it was.
func (k *snapshotSink) Close() error {
	if k.ended {
		return nil
	}
	if k.spool != nil {
		if _, err := k.spool.Seek(0, io.SeekStart); err != nil {
			return errors.Join(err, k.Cancel())
		}
		size, root, err := k.store.verify(k.spool)
		if err != nil {
			return errors.Join(fmt.Errorf("leader's snapshot: %w", err), k.Cancel())
		}
		k.meta.Size, k.meta.Root, k.meta.Spool = size, root, true
	}
	k.ended = true
	if k.meta.Size == 0 {
		return errors.New("snapshot of nothing")
	}
	return k.store.accept(k)
}

func (s *snapshotStore) accept(k *snapshotSink) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.spool != nil {
		err := k.spool.Sync()
		if err := errors.Join(err, k.spool.Close()); err != nil {
			return fmt.Errorf("spool snapshot: %w", err)
		}
	}
	if s.meta != nil && s.meta.Index > k.meta.Index {
		return nil // a newer one came in between; raft takes the newest it is shown
	}
	if k.spool != nil {
		if err := os.Rename(k.spool.Name(), filepath.Join(s.dir, spoolName)); err != nil {
			return fmt.Errorf("spool snapshot: %w", err)
		}
	}
	b, err := entry.Canonical(k.meta)
	if err != nil {
		return err
	}
	if err := writeDurable(filepath.Join(s.dir, metaName), b); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	m := k.meta
	s.meta = &m
	return nil
}

// taken says that the ledger now holds the snapshot, so the spool can go.
func (s *snapshotStore) taken() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.meta == nil || s.ledger.Size() < s.meta.Size {
		return nil
	}
	if err := os.Remove(filepath.Join(s.dir, spoolName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
