package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/tacet-health/tacet/node/store"
)

// refusedError ends a load of which every reason was printed already. It is a store.FileError to the exit code.
type refusedError struct {
	*store.FileError
	text string
}

func (e *refusedError) Error() string { return e.text }

func (e *refusedError) Unwrap() error { return e.FileError }

// shortly says which file was refused, without the reasons.
func shortly(e *store.FileError) error {
	n := fmt.Sprintf("%d reasons", len(e.Problems))
	if len(e.Problems) == 1 {
		n = "one reason"
	}
	if e.More {
		n = "at least " + n
	}
	return &refusedError{e, fmt.Sprintf("%s is refused for %s, as above; put it right and load it again: what was loaded before stays and is left alone", e.Problems[0].File, n)}
}

// fullDisk says so, for the database's words for it, with the exit code of output; any other error as it is.
func fullDisk(err error, dir string) error {
	if err == nil || !strings.Contains(err.Error(), "No space left on device") {
		return err
	}
	return fmt.Errorf("the disk is full: make room and load again; the file at hand was not loaded, and what was loaded before it stays: %w", &fs.PathError{Op: "write", Path: dir, Err: syscall.ENOSPC})
}

// looks are the names by which another format than the canonical one is known.
var looks = []struct {
	format string
	name   *regexp.Regexp
}{
	{"tuva", regexp.MustCompile(`_seed\.csv$`)},
	{"synpuf", regexp.MustCompile(`^(b_[0-9]{4}|ip)_[0-9]+\.csv(\.gz)?$`)},
	{"synthea", regexp.MustCompile(`^(patients|encounters|claims_transactions|payer_transitions)\.csv$`)},
	{"fhir", regexp.MustCompile(`\.(json|ndjson|jsonl)$`)},
}

// another names the format that what was given looks like; err with it, or nil.
func another(err error, paths []string) error {
	for _, l := range looks {
		for _, p := range paths {
			names := []string{filepath.Base(p)}
			entries, _ := os.ReadDir(p)
			for _, e := range entries {
				names = append(names, e.Name())
			}
			for _, n := range names {
				if l.name.MatchString(strings.ToLower(n)) {
					return fmt.Errorf("%w; %s looks like --format %s", err, p, l.format)
				}
			}
		}
	}
	return nil
}
