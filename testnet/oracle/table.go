package oracle

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
)

// eachRow hands every record of a CSV file (gzip when the name ends so) to f, with a function that looks a column up by name; a column the file
// does not have is blank, and an error when it is among the required ones.
func eachRow(path string, required []string, f func(field func(column string) string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("oracle: %w", err)
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("oracle: %s: %w", path, err)
		}
	}
	r := csv.NewReader(in)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("oracle: %s: header: %w", path, err)
	}
	at := make(map[string]int)
	for i, name := range header {
		at[strings.TrimPrefix(name, "\ufeff")] = i
	}
	for _, c := range required {
		if _, ok := at[c]; !ok {
			return fmt.Errorf("oracle: %s: no column %s", path, c)
		}
	}
	var record []string
	field := func(column string) string {
		if i, ok := at[column]; ok {
			return record[i]
		}
		return ""
	}
	for {
		if record, err = r.Read(); err == io.EOF {
			return nil
		}
		if err == nil {
			err = f(field)
		}
		if err != nil {
			return fmt.Errorf("oracle: %s: %w", path, err)
		}
	}
}
