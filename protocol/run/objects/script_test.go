package objects

import (
	"io"
	"time"
)

// script is a stream that says what it was given and counts what it is told.
type script struct {
	in  io.Reader
	out int
}

func (s *script) Read(b []byte) (int, error)       { return s.in.Read(b) }
func (s *script) Write(b []byte) (int, error)      { s.out += len(b); return len(b), nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }
