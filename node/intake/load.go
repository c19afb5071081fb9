package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/node/store"
)

// Options say how data of another format is to be read. The zero value works.
type Options struct {
	Zone        *time.Location // of the instants in the tables; nil is UTC
	AssumeCover bool           // who has no dated cover is covered from birth on
	Namespace   string         // before every resource id, for data of several servers in one store
	Progress    func(store.Progress)

	// Reader reads a format that this package does not; what it reads is loaded as its own words say, and reported and rejected as others are.
	Reader func(ctx context.Context, s *store.Store, o Options, paths ...string) (Report, error)
}

// Report says what a load did.
type Report struct {
	Files   []string         // read, in order of name
	Read    int64            // resources or rows
	Loaded  map[string]int64 // rows by table
	Skipped map[string]int64 // what was left alone, by resource type or reason
	Already bool             // this content was loaded before; nothing changed
}

// maxProblems is how many problems are collected before reading stops.
const maxProblems = 20

// FHIR loads bundles and NDJSON files, or folders of them, as one unit. A
// refusal is a [*store.FileError].
func FHIR(ctx context.Context, s *store.Store, o Options, paths ...string) (Report, error) {
	files, err := expand(paths, ".json", ".ndjson", ".jsonl")
	if err != nil {
		return Report{}, err
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	m := &mapper{clock: clock{o.Zone}, space: o.Namespace, assumeCover: o.AssumeCover,
		covers: map[string][]cover{}, drugs: map[string]concept{}, births: map[string]string{}, urls: map[string]string{}, npis: map[string]string{}, explained: map[string]bool{}, skipped: map[string]int64{}}
	report := Report{Files: files, Skipped: m.skipped}
	parts, err := m.first(ctx, files)
	if err != nil {
		return report, err
	}
	report.Loaded, report.Already, err = s.LoadUnit(ctx, "fhir", parts, slices.Concat(fhirLayouts, claimLayouts), func(u *store.Unit) error {
		m.unit = u
		report.Read, err = m.second(ctx, parts, files)
		return err
	})
	return report, named(err, files)
}

// named gives a repeated key a file to stand in.
func named(err error, files []string) error {
	if twice, ok := errors.AsType[*store.DuplicateError](err); ok {
		return &store.FileError{Problems: []store.Problem{{File: strings.Join(files[:min(3, len(files))], ", "),
			Reason: fmt.Sprintf("repeats the key (%s) of another row of %s", strings.Join(twice.Key, ", "), twice.Table)}}}
	}
	return err
}

// problems collects what is wrong, until it is enough.
type problems struct{ list []store.Problem }

func (p *problems) add(one store.Problem) error {
	if p.list = append(p.list, one); len(p.list) >= maxProblems {
		return &store.FileError{Problems: p.list, More: true}
	}
	return nil
}

func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return &store.FileError{Problems: p.list}
}

type standing struct {
	at
	r *resource
}

func (m *mapper) first(ctx context.Context, files []string) (parts []store.Source, err error) {
	var bad problems
	var coverages []standing
	for _, path := range files {
		sum, err := resources(path, func(where at, url string, raw json.RawMessage) error {
			kind, err := m.index(url, raw)
			if err != nil {
				return bad.add(where.problem(kind, err))
			}
			if kind == "Coverage" {
				r, _, err := m.decode(url, raw, false)
				if err != nil {
					return bad.add(where.problem(kind, err))
				}
				coverages = append(coverages, standing{where, r})
			}
			return ctx.Err()
		})
		if err != nil {
			return nil, err
		}
		parts = append(parts, store.Source{Name: filepath.Base(path), Digest: sum})
	}
	for _, ref := range m.references {
		m.explained[m.resolve(ref, "Claim")] = true
	}
	for _, c := range coverages {
		if err := m.coverage(c.r); err != nil {
			if err := bad.add(c.problem("Coverage", err)); err != nil {
				return nil, err
			}
		}
	}
	return parts, bad.err()
}

func (m *mapper) second(ctx context.Context, parts []store.Source, files []string) (n int64, err error) {
	var bad problems
	for i, path := range files {
		sum, err := resources(path, func(where at, url string, raw json.RawMessage) error {
			n++
			r, kind, err := m.decode(url, raw, false)
			if err == nil && r != nil && kind != "Coverage" && kind != "Medication" {
				err = m.resource(r)
			}
			if err != nil {
				return bad.add(where.problem(kind, err))
			}
			return ctx.Err()
		})
		if err != nil {
			return n, err
		}
		if sum != parts[i].Digest {
			return n, fmt.Errorf("%s changed while it was read; nothing was loaded", path)
		}
	}
	return n, bad.err()
}

// expand turns folders into their files with one of the endings (or with .gz
// after it), in order of name.
func expand(paths []string, endings ...string) ([]string, error) {
	fits := func(name string) bool {
		name = strings.TrimSuffix(name, ".gz")
		return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(name, e) })
	}
	wanted := strings.Join(endings, ", ")
	out, err := store.Files(paths, fits, "the folder holds no file that ends in one of "+wanted)
	if err != nil {
		return nil, err
	}
	for _, p := range out {
		if !fits(p) {
			return nil, &store.FileError{Problems: []store.Problem{{File: p, Reason: "the name ends in none of " + wanted + " (or with .gz after it)"}}}
		}
	}
	return out, nil
}
