package replica

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
	bolt "go.etcd.io/bbolt"
)

var (
	logsBucket   = []byte("logs")
	stableBucket = []byte("stable")
	// errNotFound has the text by which raft recognises a missing key.
	errNotFound = errors.New("not found")
	termKey     = []byte("CurrentTerm") // raft's name for it
	// errApplied refuses to forget a Raft entry that the ledger was built from.
	errApplied = errors.New("refused to delete applied entries: the leader tries to rewrite history")
)

// logStore is raft's LogStore and StableStore in one bbolt file. Every write ends with an fsync. A write that fails, or lasts longer
// than limit, is fatal: a leader with a hung disk would go on sending heartbeats and nobody could take over.
type logStore struct {
	db    *bolt.DB
	limit time.Duration
	fatal func(error)
	term  atomic.Uint64 // raft's current term, as it is on disk
	// kept returns the last index that is in a snapshot, and the last that was applied: what lies between them is in no
	// other place and is not deleted.
	kept func() (snapshot, applied uint64)
}

func openLogStore(path string, limit time.Duration, fatal func(error)) (*logStore, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("open raft log %s: %w", path, err)
	}
	s := &logStore{db: db, limit: limit, fatal: fatal, kept: func() (uint64, uint64) { return 0, 0 }}
	there := false
	err = db.View(func(tx *bolt.Tx) error {
		there = tx.Bucket(logsBucket) != nil && tx.Bucket(stableBucket) != nil
		return nil
	})
	if err == nil && !there { // else nothing is written: a disk that is full now can still be read
		err = s.update(func(tx *bolt.Tx) error {
			_, err := tx.CreateBucketIfNotExists(logsBucket)
			if err == nil {
				_, err = tx.CreateBucketIfNotExists(stableBucket)
			}
			return err
		})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open raft log %s: %w", path, err), db.Close())
	}
	if term, err := s.GetUint64(termKey); err == nil {
		s.term.Store(term)
	}
	return s, nil
}

// update is one durable write under the deadline. After an error the file's content is unknown until it is opened again, so the
// process has to end.
func (s *logStore) update(f func(*bolt.Tx) error) error {
	if err := withLimit(s.limit, s.fatal, "raft log", func() error { return s.db.Update(f) }); err != nil {
		s.fatal(fmt.Errorf("raft log: %w", err))
		return err
	}
	return nil
}

func (s *logStore) close() error { return s.db.Close() }

func key(index uint64) []byte { return binary.BigEndian.AppendUint64(nil, index) }

func (s *logStore) edge(at func(*bolt.Cursor) ([]byte, []byte)) (index uint64, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		if k, _ := at(tx.Bucket(logsBucket).Cursor()); k != nil {
			index = binary.BigEndian.Uint64(k)
		}
		return nil
	})
	return index, err
}

// FirstIndex implements raft.LogStore; 0 when there is none.
func (s *logStore) FirstIndex() (uint64, error) { return s.edge((*bolt.Cursor).First) }

// LastIndex implements raft.LogStore; 0 when there is none.
func (s *logStore) LastIndex() (uint64, error) { return s.edge((*bolt.Cursor).Last) }

// IsMonotonic says that indices have no gaps: raft then clears the log after it has installed a snapshot.
func (s *logStore) IsMonotonic() bool { return true }

// GetLog implements raft.LogStore.
func (s *logStore) GetLog(index uint64, out *raft.Log) error {
	return s.db.View(func(tx *bolt.Tx) error {
		v := tx.Bucket(logsBucket).Get(key(index))
		if v == nil {
			return raft.ErrLogNotFound
		}
		return decodeLog(index, v, out)
	})
}

// StoreLog implements raft.LogStore.
func (s *logStore) StoreLog(l *raft.Log) error { return s.StoreLogs([]*raft.Log{l}) }

// StoreLogs implements raft.LogStore with one transaction, hence one fsync, for the batch.
func (s *logStore) StoreLogs(logs []*raft.Log) error {
	return s.update(func(tx *bolt.Tx) error {
		b := tx.Bucket(logsBucket)
		for _, l := range logs {
			if err := b.Put(key(l.Index), encodeLog(l)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteRange implements raft.LogStore. Raft deletes a beginning that a snapshot holds, or an end that another leader overrules. An
// end that was applied is never overruled by an honest leader.
func (s *logStore) DeleteRange(low, high uint64) error {
	snapshot, applied := s.kept()
	if max(low, snapshot+1) <= min(high, applied) {
		return errApplied
	}
	return s.update(func(tx *bolt.Tx) error {
		c := tx.Bucket(logsBucket).Cursor()
		for k, _ := c.Seek(key(low)); k != nil && binary.BigEndian.Uint64(k) <= high; k, _ = c.Next() {
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Set implements raft.StableStore.
func (s *logStore) Set(k, v []byte) error {
	return s.update(func(tx *bolt.Tx) error { return tx.Bucket(stableBucket).Put(k, v) })
}

// Get implements raft.StableStore.
func (s *logStore) Get(k []byte) (v []byte, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(stableBucket).Get(k)
		if b == nil {
			return errNotFound
		}
		v = append([]byte{}, b...) // the mapping is gone after the transaction
		return nil
	})
	return v, err
}

// SetUint64 implements raft.StableStore.
func (s *logStore) SetUint64(k []byte, v uint64) error {
	err := s.Set(k, key(v))
	if err == nil && string(k) == string(termKey) {
		s.term.Store(v)
	}
	return err
}

// GetUint64 implements raft.StableStore.
func (s *logStore) GetUint64(k []byte) (uint64, error) {
	v, err := s.Get(k)
	if err != nil {
		return 0, err
	}
	if len(v) != 8 {
		return 0, fmt.Errorf("raft log: value of %q has %d bytes", k, len(v))
	}
	return binary.BigEndian.Uint64(v), nil
}

const logHeader = 1 + 1 + 8 + 8 + 4

// encodeLog prints all of an entry but its index: form 1, type, term, time (Unix nanoseconds; raft uses it for metrics alone),
// length of the data, data, extensions.
func encodeLog(l *raft.Log) []byte {
	b := make([]byte, 0, logHeader+len(l.Data)+len(l.Extensions))
	b = append(b, 1, byte(l.Type))
	b = binary.BigEndian.AppendUint64(b, l.Term)
	var at int64
	if !l.AppendedAt.IsZero() {
		at = l.AppendedAt.UnixNano()
	}
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	b = binary.BigEndian.AppendUint32(b, uint32(len(l.Data)))
	b = append(b, l.Data...)
	return append(b, l.Extensions...)
}

func decodeLog(index uint64, b []byte, out *raft.Log) error {
	if len(b) < logHeader || b[0] != 1 {
		return fmt.Errorf("raft log: entry %d is not in its form", index)
	}
	n := int64(binary.BigEndian.Uint32(b[18:]))
	rest := b[logHeader:]
	if n > int64(len(rest)) {
		return fmt.Errorf("raft log: entry %d is cut off", index)
	}
	*out = raft.Log{Index: index, Type: raft.LogType(b[1]), Term: binary.BigEndian.Uint64(b[2:])}
	if at := int64(binary.BigEndian.Uint64(b[10:])); at != 0 {
		out.AppendedAt = time.Unix(0, at)
	}
	if n > 0 {
		out.Data = append([]byte{}, rest[:n]...)
	}
	if int64(len(rest)) > n {
		out.Extensions = append([]byte{}, rest[n:]...)
	}
	return nil
}
