package synpuf

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// rows streams the records of one CSV file, compressed when its name ends in .gz. The record slice is reused, its strings are not.
type rows struct {
	path   string
	file   *os.File
	csv    *csv.Reader
	tail   *tail
	at     map[string]int // column name → position
	record []string
	line   int // line of the record at hand
	count  int // data records so far
}

// tail remembers the last byte that went through: a file cut off inside its last line has no line end there.
type tail struct {
	r    io.Reader
	last byte
}

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n > 0 {
		t.last = p[n-1]
	}
	return n, err
}

// openRows opens path and checks its header: every name of required there, every name of the published layout (known), none twice.
func openRows(path string, required, known []string) (*rows, error) {
	f, err := os.Open(path)
	if err != nil {
		reason := "cannot be opened: " + err.Error()
		if errors.Is(err, fs.ErrNotExist) {
			reason = "no such file"
		}
		return nil, &InputError{File: path, Reason: reason}
	}
	r := &rows{path: path, file: f, at: make(map[string]int)}
	var in io.Reader = bufio.NewReaderSize(f, 1<<16)
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(in)
		if err != nil {
			f.Close()
			return nil, &InputError{File: path, Line: 1, Reason: "not a complete gzip file: " + gzipFault(err)}
		}
		in = z
	}
	r.tail = &tail{r: in}
	r.csv = csv.NewReader(r.tail)
	r.csv.ReuseRecord = true
	if err := r.header(required, known); err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

func (r *rows) header(required, known []string) error {
	names, err := r.csv.Read()
	if err == io.EOF {
		return &InputError{File: r.path, Line: 1, Reason: "empty file: the header is missing"}
	}
	if err != nil {
		return r.fault(err, 1)
	}
	if len(names) > 0 {
		names[0] = strings.TrimPrefix(names[0], "\ufeff")
	}
	for i, name := range names {
		if !slices.Contains(known, name) {
			return &InputError{File: r.path, Line: 1, Reason: fmt.Sprintf("wrong header: name %d of %d is not a column of the published layout", i+1, len(names))}
		}
		if _, twice := r.at[name]; twice {
			return &InputError{File: r.path, Line: 1, Column: name, Reason: "wrong header: named twice"}
		}
		r.at[name] = i
	}
	for _, name := range required {
		if _, ok := r.at[name]; !ok {
			return &InputError{File: r.path, Line: 1, Column: name, Reason: "wrong header: the column is missing"}
		}
	}
	return nil
}

// next reads one record; false at the end of the file. csv.Reader holds every record to the header's number of fields.
func (r *rows) next() (bool, error) {
	record, err := r.csv.Read()
	if err == io.EOF {
		return false, r.end()
	}
	if err != nil {
		return false, r.fault(err, r.line+1)
	}
	r.record = record
	r.line, _ = r.csv.FieldPos(0)
	r.count++
	return true, nil
}

// end refuses a file that holds no rows, and a last line that stops in the middle of an amount (a plain file cut off there shows no
// other sign: the number of fields is right and "70" of "700.00" is a number).
func (r *rows) end() error {
	if r.count == 0 {
		return &InputError{File: r.path, Line: 1, Reason: "the file holds a header and no rows"}
	}
	if r.tail.last == '\n' || r.tail.last == '\r' {
		return nil
	}
	last := len(r.record) - 1
	for name, i := range r.at {
		if i == last && isAmount(name) {
			if v := r.record[last]; len(v) < 3 || v[len(v)-3] != '.' {
				return &InputError{File: r.path, Line: r.line, Column: name, Reason: "the file ends inside this line: truncated"}
			}
		}
	}
	return nil
}

func (r *rows) fault(err error, line int) error {
	var p *csv.ParseError
	switch {
	case errors.As(err, &p) && errors.Is(p.Err, csv.ErrFieldCount):
		return &InputError{File: r.path, Line: p.StartLine, Reason: fmt.Sprintf("wrong number of fields: the header has %d", len(r.at))}
	case errors.As(err, &p):
		return &InputError{File: r.path, Line: p.Line, Reason: "not well-formed CSV: " + p.Err.Error()}
	default:
		return &InputError{File: r.path, Line: line, Reason: "cannot be read to its end: " + gzipFault(err)}
	}
}

func gzipFault(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "truncated"
	}
	return err.Error()
}

func (r *rows) close() { r.file.Close() }

// text returns a field as it stands in the file; a column the file does not have is blank.
func (r *rows) text(name string) string {
	if i, ok := r.at[name]; ok {
		return r.record[i]
	}
	return ""
}

func (r *rows) bad(column, reason string) error {
	return &InputError{File: r.path, Line: r.line, Column: column, Reason: reason}
}
