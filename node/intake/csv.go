package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tacet-health/tacet/node/store"
)

// record is one row of a CSV export, by column name.
type record struct {
	file   string
	line   int
	row    int64
	names  []string
	values []string
}

func (r *record) get(name string) string {
	if i := slices.Index(r.names, name); i >= 0 {
		return r.values[i]
	}
	return ""
}

func (r *record) problem(err error) store.Problem {
	p := store.Problem{File: r.file, Line: r.line, Reason: err.Error()}
	if f, ok := errors.AsType[*fieldError](err); ok {
		p.Name, p.Reason = f.element, f.err.Error()
	}
	return p
}

// lastByte remembers how the file ends: one cut inside its last line has no
// line break there.
type lastByte struct {
	r    io.Reader
	last byte
}

func (l *lastByte) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if n > 0 {
		l.last = p[n-1]
	}
	return n, err
}

// records hands every row of an export to f and returns the file's digest. The
// named columns must be there; others may be.
func records(path string, columns []string, f func(*record) error) (sum [32]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	bad := func(line int, reason string) error {
		return &store.FileError{Problems: []store.Problem{{File: path, Line: line, Reason: reason}}}
	}
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return sum, bad(0, "is not a gzip file, or is truncated")
		}
	}
	hash, end := sha256.New(), &lastByte{r: in}
	buffered := bufio.NewReaderSize(io.TeeReader(end, hash), 1<<16)
	if mark, _ := buffered.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		buffered.Discard(3)
	}
	r := csv.NewReader(buffered)
	header, err := r.Read()
	if err != nil {
		return sum, bad(1, "the header line is missing or is no CSV")
	}
	one := &record{file: path, names: header}
	for _, name := range columns {
		if !slices.Contains(header, name) {
			return sum, bad(1, "column "+name+" is missing")
		}
		if i := slices.Index(header, name); slices.Contains(header[i+1:], name) {
			return sum, bad(1, "column "+name+" comes twice")
		}
	}
	for {
		values, err := r.Read()
		if err == io.EOF {
			break
		}
		if p, ok := errors.AsType[*csv.ParseError](err); ok {
			return sum, bad(p.StartLine, "is not well-formed CSV, or has another number of fields than the header")
		}
		if err != nil {
			return sum, bad(0, "cannot be read to its end: truncated or damaged")
		}
		one.line, _ = r.FieldPos(0)
		one.row, one.values = one.row+1, values
		for i, v := range values {
			if !utf8.ValidString(v) {
				return sum, bad(one.line, fmt.Sprintf("field %d is not UTF-8 text; convert the file (such as from Latin-1) first", i+1))
			}
		}
		if err := f(one); err != nil {
			return sum, err
		}
	}
	if end.last != '\n' {
		return sum, bad(0, "ends without a line break: truncated?")
	}
	hash.Sum(sum[:0])
	return sum, nil
}
