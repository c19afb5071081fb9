package synthetic

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// table writes one CSV file. No field the generator makes holds a comma, a quote or a line end. The first error is kept
// and returned by close.
type table struct {
	file *os.File
	w    *bufio.Writer
	line []byte
	cols int
}

// cents is an amount of money in hundredths of a dollar.
type cents int

func newTable(dir, name string, columns []string) (*table, error) {
	f, err := os.OpenFile(filepath.Join(dir, name+".csv"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	t := &table{file: f, w: bufio.NewWriterSize(f, 1<<16), cols: len(columns)}
	t.w.WriteString(strings.Join(columns, ",") + "\n")
	return t, nil
}

// row writes one record of strings, ints, days and cents.
func (t *table) row(fields ...any) {
	if len(fields) != t.cols {
		panic("synthetic: a row of " + t.file.Name() + " has another number of fields than the header")
	}
	b := t.line[:0]
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		switch f := f.(type) {
		case string:
			b = append(b, f...)
		case int:
			b = strconv.AppendInt(b, int64(f), 10)
		case day:
			b = f.append(b)
		case cents:
			b = strconv.AppendInt(b, int64(f)/100, 10)
			b = append(b, '.', byte('0'+f/10%10), byte('0'+f%10))
		default:
			panic("synthetic: a field of no known kind")
		}
	}
	t.line = append(b, '\n')
	t.w.Write(t.line)
}

// close flushes and reports the first error of the file's life (bufio keeps it).
func (t *table) close() error {
	err := t.w.Flush()
	if closing := t.file.Close(); err == nil {
		err = closing
	}
	return err
}
