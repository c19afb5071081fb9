package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/store"
)

// lint holds a definition to what a node would refuse when it runs it, and to the columns there are, before anybody votes on it. Errors and advice name file and line.
func lint(arg string, spec *measures.Spec) (advice []string, err error) {
	file := sqlFile(arg)
	err = engine.Check(spec)
	if err == nil {
		err = engine.CheckColumns(spec, store.Columns())
	}
	if line, ok := errors.AsType[*engine.SyntaxError](err); ok && file != "" {
		return nil, fmt.Errorf("%s:%d: %s", file, line.Line, line.Reason)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	if file != "" { // the library's are looked at by its own tests
		for _, a := range engine.Advise(spec, textColumn) {
			advice = append(advice, fmt.Sprintf("%s:%d: %s", file, a.Line, a.Text))
		}
	}
	return advice, nil
}

// sqlFile is the SQL of a measure in a folder; empty where it is in none.
func sqlFile(folder string) string {
	if st, err := os.Stat(folder); err != nil || !st.IsDir() {
		return ""
	}
	found, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil || len(found) != 1 {
		return filepath.Join(folder, "measure.sql")
	}
	return found[0]
}

// textColumn says whether a column of this name is text in a canonical table.
func textColumn(name string) bool {
	for _, t := range store.Tables() {
		for _, c := range t.Columns {
			if c.Name == name {
				return c.Kind == store.Text
			}
		}
	}
	return false
}
