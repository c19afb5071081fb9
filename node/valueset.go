package node

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/vault"
)

// valueSetFolder holds a payer's own lists of codes, under its own licence: SLOT.txt, a code a line. They go nowhere; a definition knows their hash.
const valueSetFolder = "value-sets"

// FilledSlot is a list that a node has.
type FilledSlot struct {
	Slot  string `json:"slot"`
	Codes int    `json:"codes"`
	Hash  string `json:"sha256"`
}

// AddValueSet takes a file of codes, one a line with # before a remark, as what fills a slot, in place of what did. A running service uses it from
// the next run on.
func AddValueSet(dir, slot, path string) (FilledSlot, error) {
	if _, err := readConfig(dir); err != nil {
		return FilledSlot{}, err
	}
	if err := (measures.ValueSet{Slot: slot}).CheckName(); err != nil {
		return FilledSlot{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return FilledSlot{}, fmt.Errorf("value set %s: %w", slot, err)
	}
	defer f.Close()
	codes, err := readCodes(f)
	if err != nil {
		return FilledSlot{}, fmt.Errorf("value set %s: %s: %w", slot, path, err)
	}
	folder := filepath.Join(dir, valueSetFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return FilledSlot{}, err
	}
	if err := vault.Write(filepath.Join(folder, slot+".txt"), []byte(strings.Join(codes, "\n")+"\n")); err != nil {
		return FilledSlot{}, fmt.Errorf("value set %s: %w", slot, err)
	}
	return FilledSlot{slot, len(codes), measures.SlotHash(codes)}, nil
}

// ValueSets are the lists that a node has, by slot.
func ValueSets(dir string) ([]FilledSlot, error) {
	files, err := filepath.Glob(filepath.Join(dir, valueSetFolder, "*.txt"))
	if err != nil {
		return nil, err
	}
	out := []FilledSlot{}
	for _, path := range files {
		slot := strings.TrimSuffix(filepath.Base(path), ".txt")
		codes, ok, err := codesOf(dir, slot)
		if err != nil || !ok {
			return nil, errors.Join(err, fmt.Errorf("%s: not read", path))
		}
		out = append(out, FilledSlot{slot, len(codes), measures.SlotHash(codes)})
	}
	return out, nil
}

// slotsOf fills a measure's slots with the node's lists. A list that the definition does not mean, or one that it needs and the node has not, is an error;
// a slot without a hash may stay empty.
func slotsOf(dir string, spec *measures.Spec) ([]engine.Slot, error) {
	filled := map[string][]string{}
	var out []engine.Slot
	for _, v := range spec.ValueSets {
		if _, done := filled[v.Slot]; v.Slot == "" || done {
			continue
		}
		codes, ok, err := codesOf(dir, v.Slot)
		if err != nil {
			return nil, err
		}
		if ok {
			filled[v.Slot] = codes
			out = append(out, engine.Slot{Name: v.Slot, Codes: codes})
		}
	}
	slices.SortFunc(out, func(a, b engine.Slot) int { return strings.Compare(a.Name, b.Name) })
	if err := spec.CheckSlots(filled); err != nil {
		return nil, fmt.Errorf("measure %s %s: %w", spec.ID, spec.Version, err)
	}
	return out, nil
}

func codesOf(dir, slot string) ([]string, bool, error) {
	path := filepath.Join(dir, valueSetFolder, slot+".txt")
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	codes, err := readCodes(f)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", path, err)
	}
	return codes, true, nil
}

func readCodes(r io.Reader) ([]string, error) {
	var codes []string
	lines := bufio.NewScanner(io.LimitReader(r, 1<<20))
	for n := 1; lines.Scan(); n++ {
		code, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		if code = strings.TrimSpace(code); code == "" {
			continue
		}
		if err := measures.CheckCodes([]string{code}); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		codes = append(codes, code)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(codes) == 0 {
		return nil, errors.New("holds no code; want one a line")
	}
	slices.Sort(codes)
	return codes, measures.CheckCodes(codes)
}
