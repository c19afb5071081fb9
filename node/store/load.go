package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Report says what a Load did, file by file, in the order of loading.
type Report struct {
	Files []FileReport
}

// FileReport is one file's line of a report. It holds counts and column names,
// no member data.
type FileReport struct {
	File    string // as given
	Table   string
	SHA256  [32]byte // of the content, decompressed
	Read    int64    // rows read
	Loaded  int64    // rows added: Read, or 0 when Already
	Already bool     // this content was loaded before; nothing changed
	Refused bool     // nothing of it was loaded; the error says why, and Read counts the rows looked at
	Ignored []string // columns of the Tuva layer that are not kept
	Beside  int64    // rows of the table from another file of this name, which are there too
}

// Rows returns the rows read and added over all files.
func (r Report) Rows() (read, loaded int64) {
	for _, f := range r.Files {
		read, loaded = read+f.Read, loaded+f.Loaded
	}
	return read, loaded
}

// Problem is one reason to refuse a file. Line and Column count from 1; Column
// is a byte of the line. Zero means the whole file or line. Of a Parquet file
// Line is the row.
type Problem struct {
	File   string
	Line   int
	Column int
	Name   string // column name
	Reason string
}

// String never contains a value from the file.
func (p Problem) String() string {
	s := p.File
	if p.Line > 0 {
		s += fmt.Sprintf(":%d", p.Line)
	}
	if p.Column > 0 {
		s += fmt.Sprintf(":%d", p.Column)
	}
	s += ": "
	if p.Name != "" {
		s += "column " + p.Name + " "
	}
	return s + p.Reason
}

// maxProblems is how many problems of a file are collected before reading stops.
const maxProblems = 20

// FileError refuses one file; nothing of it was loaded.
type FileError struct {
	Problems []Problem
	More     bool // reading stopped at maxProblems
}

func (e *FileError) Error() string {
	s := e.Problems[0].String()
	if n := len(e.Problems) - 1; n > 0 {
		more := ""
		if e.More {
			more = "at least "
		}
		s += fmt.Sprintf(" (and %s%d more in this file; nothing of it was loaded)", more, n)
	}
	return s
}

// Load reads canonical CSV and Parquet files, or folders of them, into the
// store. The name up to the first dot is the table: eligibility.csv,
// medical_claim.2010.csv.gz, medical_claim.0001.parquet. In a folder every file
// that ends in .csv, .csv.gz or .parquet is taken, in order of name, and every
// such file of sub-folders that are named after a table, whatever its own name;
// others are left alone. Parquet files must be among [Options.Sources]. Each
// file is loaded whole or not at all; the first that is refused ends the load,
// those before it stay. Content that was loaded before, under any name, changes
// nothing. The report is valid with an error too. A refused file is a
// [*FileError]; other errors are of the disk, the database or ctx.
func (s *Store) Load(ctx context.Context, paths ...string) (Report, error) {
	var report Report
	files, err := expand(paths)
	if err != nil {
		return report, fmt.Errorf("load: %w", err)
	}
	for _, file := range files {
		f, err := s.loadFile(ctx, file)
		if f.Refused = err != nil; f.File != "" {
			report.Files = append(report.Files, f)
		}
		if err != nil {
			return report, fmt.Errorf("load: %w", err)
		}
	}
	return report, nil
}

// expand turns folders into their files and refuses names without a table
// before anything is read.
func expand(paths []string) ([]string, error) {
	var deep []string
	for _, p := range paths {
		before := len(deep)
		for _, name := range TableNames() {
			if info, err := os.Stat(filepath.Join(p, name)); err == nil && info.IsDir() {
				deep = append(deep, filepath.Join(p, name))
			}
		}
		if len(deep) == before || slices.ContainsFunc(entries(p), canonicalName) {
			deep = append(deep, p)
		}
	}
	out, err := Files(deep, canonicalName, "the folder holds no .csv, .csv.gz or .parquet file, and no folder named after a table")
	if err != nil {
		return nil, err
	}
	for _, f := range out {
		if _, err := tableOf(f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func canonicalName(name string) bool {
	return strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".csv.gz") || strings.HasSuffix(name, ".parquet")
}

// entries are the names of a folder's files; none where it is none.
func entries(dir string) (names []string) {
	all, _ := os.ReadDir(dir)
	for _, e := range all {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// Files turns folders into their files with a name that fits, in order of name, and leaves files as they are. none is what is said of a folder without
// one. What is not there is refused with a [FileError].
func Files(paths []string, fits func(name string) bool, none string) ([]string, error) {
	if len(paths) == 0 {
		return nil, errors.New("no file or folder given")
	}
	refuse := func(path, reason string) error {
		return &FileError{Problems: []Problem{{File: path, Reason: reason}}}
	}
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, refuse(p, "no such file or folder")
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, p)
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, err
		}
		before := len(out)
		for _, e := range entries {
			if !e.IsDir() && fits(e.Name()) {
				out = append(out, filepath.Join(p, e.Name()))
			}
		}
		if len(out) == before {
			return nil, refuse(p, none)
		}
	}
	return out, nil
}

// tableOf is the table a file's name says, or the name of the folder it is in.
func tableOf(path string) (Table, error) {
	base := filepath.Base(path)
	if canonicalName(base) {
		name, _, _ := strings.Cut(base, ".")
		name = strings.TrimSuffix(name, "_seed") // as Tuva publishes its synthetic tables
		if t, ok := Lookup(name); ok {
			return t, nil
		}
		if t, ok := Lookup(filepath.Base(filepath.Dir(path))); ok {
			return t, nil
		}
	}
	return Table{}, &FileError{Problems: []Problem{{File: path, Reason: fmt.Sprintf("the name is not a table's with .csv, .csv.gz or .parquet, and its folder's is none either; tables are %s", strings.Join(TableNames(), ", "))}}}
}

func (s *Store) loadFile(ctx context.Context, path string) (FileReport, error) {
	t, err := tableOf(path)
	if err != nil {
		return FileReport{}, err
	}
	if strings.HasSuffix(path, ".parquet") {
		return s.loadParquet(ctx, path, t)
	}
	r, err := openCSV(path, t)
	if err != nil {
		return FileReport{}, err
	}
	defer r.close()
	names := make([]string, len(r.fields))
	for i, f := range r.fields {
		names[i] = f.column.Name
	}
	b, err := s.begin(ctx, t.Name, names)
	if err != nil {
		return FileReport{}, fmt.Errorf("%s: %w", path, err)
	}
	defer b.close()
	if err := r.each(b, s.progress); err != nil {
		return FileReport{File: path, Table: t.Name, Read: r.rows}, err
	}
	report := FileReport{File: path, Table: t.Name, SHA256: r.sum(), Read: r.rows, Ignored: slices.Clone(r.ignored)}
	if report.Already, err = b.known(report.SHA256); err != nil || report.Already {
		return report, err
	}
	if report.Beside, err = beside(ctx, b.conn, t.Name, filepath.Base(path)); err != nil {
		return report, fmt.Errorf("%s: %w", path, err)
	}
	err = b.commit(Source{Name: filepath.Base(path), Digest: report.SHA256})
	var twice *DuplicateError
	if errors.As(err, &twice) {
		return report, &FileError{Problems: []Problem{{File: path, Line: r.lineOf(twice.Row),
			Reason: twice.refusal()}}}
	}
	if err != nil {
		return report, fmt.Errorf("%s: %w", path, err)
	}
	report.Loaded = b.rows
	return report, nil
}
