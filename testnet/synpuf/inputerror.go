package synpuf

import "fmt"

// InputError says that the raw data cannot be used as it stands: the command that meets it ends with exit code 4. Line is 0 when
// the fault is not on one line (a missing file), Column is empty when it is not in one column. Reason never holds a value of
// the file: rows are people.
type InputError struct {
	File   string
	Line   int
	Column string
	Reason string
}

// Error names file, line and column as far as they are known, then the reason.
func (e *InputError) Error() string {
	s := e.File
	if e.Line > 0 {
		s += fmt.Sprintf(":%d", e.Line)
	}
	if e.Column != "" {
		s += ": column " + e.Column
	}
	return s + ": " + e.Reason
}
