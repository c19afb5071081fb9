package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// csvFile reads one canonical file: RFC 4180 with a comma, LF or CRLF, an
// optional UTF-8 byte order mark, one header line.
type csvFile struct {
	path    string
	file    *os.File
	size    int64
	csv     *csv.Reader
	tail    *tail
	fields  []field
	ignored []string
	rows    int64
	drift   []drift
}

// field is a kept column and its position in a record.
type field struct {
	column Column
	at     int
}

// drift notes from which row on a record starts how many lines further down
// than one line per record would give: quoted line breaks and empty lines.
type drift struct {
	row   int64
	lines int
}

// tail hashes what passes and remembers the last byte: a file cut inside its
// last line has no line break there.
type tail struct {
	r    io.Reader
	hash hash.Hash
	last byte
	err  error // other than io.EOF
}

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n > 0 {
		t.hash.Write(p[:n])
		t.last = p[n-1]
	}
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}

func openCSV(path string, t Table) (*csvFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &csvFile{path: path, file: f}
	if info, err := f.Stat(); err == nil {
		r.size = info.Size() // of gzip too: what is read is counted there
	}
	if err := r.start(t); err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

func (r *csvFile) start(t Table) error {
	var in io.Reader = bufio.NewReaderSize(r.file, 1<<18)
	if strings.HasSuffix(r.path, ".gz") {
		z, err := gzip.NewReader(in)
		if err != nil {
			return r.refuse(0, 0, "", "is not a gzip file, or is truncated")
		}
		in = z
	}
	r.tail = &tail{r: in, hash: sha256.New()}
	buffered := bufio.NewReaderSize(r.tail, 1<<18)
	if mark, _ := buffered.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		buffered.Discard(3)
	}
	r.csv = csv.NewReader(buffered)
	r.csv.ReuseRecord = true
	header, err := r.csv.Read()
	if err == io.EOF {
		return r.refuse(1, 0, "", "the file is empty; the header line is missing")
	}
	if err != nil {
		return r.broken(err)
	}
	return r.header(header, t)
}

// columnName is what an unknown column may look like to be named in an error. In
// a damaged file a row of data, or a part of one, can stand in the header.
var columnName = regexp.MustCompile(`^[A-Za-z_ ]{1,60}[0-9]{0,2}$`)

// instead says what a first line without a known column may be.
func (r *csvFile) instead(names []string) string {
	line := strings.Join(names, ",")
	switch {
	case strings.Contains(line, "\x00") || strings.HasPrefix(line, "\xff\xfe") || strings.HasPrefix(line, "\xfe\xff"):
		return "the file is in UTF-16; save it as CSV in UTF-8"
	case strings.Count(line, ";") > strings.Count(line, ","):
		return "its separator is a semicolon; save it with commas (and amounts with a decimal point)"
	case strings.Contains(line, "\t"):
		return "its separator is a tabulator; save it with commas"
	}
	return "the header is missing, or the separator is no comma"
}

// header maps names to columns: each known, none twice, all required ones there.
func (r *csvFile) header(names []string, t Table) error {
	var bad []Problem
	add := func(i int, name, reason string) {
		_, col := r.csv.FieldPos(i)
		if safe := columnName.MatchString(name); safe {
			name = strconv.Quote(name)
		} else {
			name = "(its name is withheld: it may be data)"
		}
		bad = append(bad, Problem{File: r.path, Line: 1, Column: col, Name: name, Reason: reason})
	}
	if !slices.ContainsFunc(names, func(n string) bool { return t.index(n) >= 0 || slices.Contains(t.Ignored, n) }) {
		return r.refuse(1, 0, "", "the first line names no column of "+t.Name+": "+r.instead(names))
	}
	for i, name := range names {
		at := t.index(name)
		switch {
		case slices.Contains(names[:i], name):
			add(i, name, "comes twice")
		case at >= 0 && t.Columns[at].Kind == Micros:
			add(i, name, "is computed by the loader and cannot be given")
		case at >= 0:
			r.fields = append(r.fields, field{column: t.Columns[at], at: i})
		case slices.Contains(t.Ignored, name):
			r.ignored = append(r.ignored, strings.Clone(name))
		default:
			add(i, name, "is not a column of "+t.Name+": rename it or leave it out (tacet node schema prints the columns)")
		}
	}
	for _, c := range t.Columns {
		if c.Required && !slices.Contains(names, c.Name) {
			bad = append(bad, Problem{File: r.path, Line: 1, Name: c.Name, Reason: "is required by " + t.Name + " and missing"})
		}
	}
	if len(bad) > 0 {
		return &FileError{Problems: bad}
	}
	return nil
}

// each checks every row and queues it, until the first problem; from there on
// it only collects further problems.
func (r *csvFile) each(b *batch, progress func(Progress)) error {
	var bad []Problem
	for {
		record, err := r.csv.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			bad = append(bad, r.broken(err).(*FileError).Problems...)
			if !errors.Is(err, csv.ErrFieldCount) { // the reader goes on after that one only
				return &FileError{Problems: bad}
			}
		} else {
			if r.rows++; r.rows&0xfff == 0 {
				at, _ := r.file.Seek(0, io.SeekCurrent)
				progress(Progress{File: r.path, Rows: r.rows, Read: at, Size: r.size})
			}
			line, _ := r.csv.FieldPos(0)
			r.note(line)
			for i, f := range r.fields {
				v, err := f.column.parse(record[f.at])
				if err != nil {
					_, col := r.csv.FieldPos(f.at)
					bad = append(bad, Problem{File: r.path, Line: line, Column: col, Name: f.column.Name, Reason: err.Error()})
				}
				b.row[i] = v
			}
		}
		if len(bad) >= maxProblems {
			return &FileError{Problems: bad, More: true}
		}
		if len(bad) == 0 {
			if err := b.push(); err != nil {
				return fmt.Errorf("%s: row %d: %w", r.path, r.rows, err)
			}
		}
	}
	if len(bad) > 0 {
		return &FileError{Problems: bad}
	}
	if r.tail.last != '\n' {
		return r.refuse(0, 0, "", fmt.Sprintf("ends without a line break after row %d: truncated?", r.rows))
	}
	return nil
}

// note keeps track of where rows start, without a number per row.
func (r *csvFile) note(line int) {
	lines := line - int(r.rows) - 1
	if n := len(r.drift); n == 0 && lines != 0 || n > 0 && r.drift[n-1].lines != lines {
		r.drift = append(r.drift, drift{row: r.rows, lines: lines})
	}
}

// lineOf returns the line on which a row, counted from 1, starts.
func (r *csvFile) lineOf(row int64) int {
	i := sort.Search(len(r.drift), func(i int) bool { return r.drift[i].row > row })
	line := int(row) + 1
	if i > 0 {
		line += r.drift[i-1].lines
	}
	return line
}

func (r *csvFile) broken(err error) error {
	var p *csv.ParseError
	switch {
	case r.tail.err != nil:
		return r.refuse(0, 0, "", fmt.Sprintf("cannot be read to its end after row %d: truncated or damaged (%v)", r.rows, r.tail.err))
	case errors.As(err, &p) && errors.Is(p.Err, csv.ErrFieldCount):
		return r.refuse(p.StartLine, 0, "", "the row has another number of fields than the header")
	case errors.As(err, &p):
		return r.refuse(p.Line, p.Column, "", "is not well-formed CSV: "+p.Err.Error())
	}
	return r.refuse(0, 0, "", fmt.Sprintf("cannot be read after row %d: %v", r.rows, err))
}

func (r *csvFile) refuse(line, column int, name, reason string) error {
	return &FileError{Problems: []Problem{{File: r.path, Line: line, Column: column, Name: name, Reason: reason}}}
}

func (r *csvFile) sum() (d [32]byte) {
	r.tail.hash.Sum(d[:0])
	return d
}

func (r *csvFile) close() { r.file.Close() }
