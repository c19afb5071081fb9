package sum

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/protocol/run/objects"
)

// journal is a member's folder of one manifest.
type journal struct {
	dir     string
	sealing *objects.Sealing
	past    past
}

// past is what a member remembers of its attempts (secagg.History, for one manifest).
type past struct {
	Last   uint64 `json:"last"`   // highest number begun
	Opened bool   `json:"opened"` // Reveal has been said in it
}

func openJournal(dir string, sealing *objects.Sealing) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &journal{dir: dir, sealing: sealing}
	b, err := os.ReadFile(filepath.Join(dir, "history"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("journal: %w", err)
	case json.Unmarshal(b, &j.past) != nil:
		return nil, errors.New("journal: the history cannot be read; this member takes no part in the round any more")
	}
	return j, nil
}

func (j *journal) remember(p past) error {
	b, _ := json.Marshal(p) // two plain fields
	if err := objects.Replace(filepath.Join(j.dir, "history"), b); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.past = p
	return nil
}

func (j *journal) path(number uint64, name string) string {
	return filepath.Join(j.dir, strconv.FormatUint(number, 10), name)
}

const recordFile, maskedFile = "record.sealed", "masked.vector"

// record keeps what a second life of attempt number needs: the seed, 32 bytes, and the vector. Without Sealing nothing is kept.
func (j *journal) record(number uint64, seed [32]byte, x []int64) error {
	if j.sealing == nil {
		return nil
	}
	plain := make([]byte, 0, 32+8*len(x))
	defer func() { clear(plain[:cap(plain)]) }()
	plain = append(plain, seed[:]...)
	for _, v := range x {
		plain = binary.LittleEndian.AppendUint64(plain, uint64(v))
	}
	box, err := j.sealing.Seal(plain)
	if err != nil {
		return fmt.Errorf("journal: seal: %w", err)
	}
	if err := os.MkdirAll(j.path(number, ""), 0o700); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := objects.Replace(j.path(number, recordFile), box); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return objects.SyncFolder(j.dir)
}

// recorded reads the record of an attempt of so many elements; ok is false when there is none.
func (j *journal) recorded(number uint64, length int) (seed [32]byte, x []int64, ok bool, err error) {
	if j.sealing == nil {
		return seed, nil, false, nil
	}
	box, err := os.ReadFile(j.path(number, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return seed, nil, false, nil
	}
	if err != nil {
		return seed, nil, false, fmt.Errorf("journal: %w", err)
	}
	plain, err := j.sealing.Open(box)
	defer clear(plain)
	if err != nil || len(plain) != 32+8*length {
		return seed, nil, false, errors.New("journal: the sealed record of this round cannot be used")
	}
	copy(seed[:], plain)
	x = make([]int64, length)
	for i := range x {
		x[i] = int64(binary.LittleEndian.Uint64(plain[32+8*i:]))
	}
	return seed, x, true, nil
}

// say makes a message durable before it is sent, and in a second life gives the bytes of the first. A message that says something else than the one on
// the disk is ErrRestored.
func (j *journal) say(m *secagg.Message, vector []byte, sc scheme, r secagg.Round, s secagg.Signing) ([]byte, error) {
	if err := os.MkdirAll(j.path(r.Number, ""), 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	path := j.path(r.Number, m.Kind.String()+".message")
	b, err := os.ReadFile(path)
	if err == nil {
		was, err := sc.open(s, r, m.Kind, m.Member, b)
		if err != nil || was.Hash() != m.Hash() {
			return nil, fmt.Errorf("%w: %s", ErrRestored, m.Kind)
		}
		return b, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if vector != nil {
		if err := objects.Replace(j.path(r.Number, maskedFile), vector); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
	}
	if err := objects.Replace(path, m.Bytes()); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return m.Bytes(), nil
}

// said is whether the journal holds exactly what somebody shows as this member's message.
func (j *journal) said(m *secagg.Message, sc scheme, r secagg.Round, s secagg.Signing) bool {
	b, err := os.ReadFile(j.path(r.Number, m.Kind.String()+".message"))
	if err != nil {
		return false
	}
	was, err := sc.open(s, r, m.Kind, m.Member, b)
	return err == nil && was.Hash() == m.Hash()
}

// shown keeps what this member was shown and acts upon, before it does, and gives what an earlier life has kept under the name instead.
func (j *journal) shown(number uint64, name string, raw []byte) (before []byte, err error) {
	path := j.path(number, name)
	if b, err := os.ReadFile(path); err == nil {
		return b, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := os.MkdirAll(j.path(number, ""), 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := objects.Replace(path, raw); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return nil, nil
}

// evidence keeps what proves something against somebody.
func (j *journal) evidence(name string, pieces ...[]byte) error {
	dir := filepath.Join(j.dir, "evidence")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	for i, raw := range pieces {
		if raw == nil {
			continue
		}
		if err := objects.Replace(filepath.Join(dir, fmt.Sprintf("%s.%d", name, i+1)), raw); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}

// refused keeps what this member was shown up to its objection: it shows anybody what the objection is about.
func (j *journal) refused(number uint64, got *sets) error {
	dir := filepath.Join(j.dir, "evidence", "refused-"+strconv.FormatUint(number, 10))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	for k, set := range got {
		for name, raw := range set {
			if err := objects.Replace(filepath.Join(dir, secagg.Kind(k).String()+"."+name), raw); err != nil {
				return fmt.Errorf("journal: %w", err)
			}
		}
	}
	return nil
}

// erase removes the secrets of an attempt.
func (j *journal) erase(number uint64) error {
	err := objects.Erase(j.path(number, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Close ends a round for good, a member's or the convener's: the secrets in its folder are erased, and the masked vectors removed, of which nobody has any use
// now. History, messages and evidence stay.
func Close(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*", recordFile))
	for _, f := range files {
		err = errors.Join(err, objects.Erase(f))
	}
	for _, pattern := range []string{maskedFile, vectorPrefix + "*"} {
		files, _ := filepath.Glob(filepath.Join(dir, "*", pattern)) // the pattern is well formed
		for _, f := range files {
			err = errors.Join(err, os.Remove(f))
		}
	}
	return err
}
