package link

import (
	"errors"
	"fmt"
	"io"
)

const (
	headerVersion = 1
	maxService    = 64
	maxMember     = 32
	maxUrgency    = 7
)

type kind byte

const (
	kindHello  kind = 1 + iota // a payer's first stream
	kindDirect                 // for the endpoint at the other end of the connection
	kindRelay                  // to be spliced, or spliced
	kindInner                  // inside the second TLS session
)

// header opens a stream; doc.go has the format.
type header struct {
	kind    kind
	urgency byte
	service string
	member  string
}

var errHeader = errors.New("malformed stream header")

// check holds what is common to both directions: what is written is what is read.
func (h header) check() error {
	named := h.kind == kindDirect || h.kind == kindInner
	switch {
	case h.kind < kindHello || h.kind > kindInner:
		return fmt.Errorf("%w: kind %d", errHeader, h.kind)
	case h.urgency > maxUrgency:
		return fmt.Errorf("%w: urgency %d", errHeader, h.urgency)
	case named && !validService(h.service), !named && h.service != "":
		return fmt.Errorf("%w: service name", errHeader)
	case !validMember(h.member):
		return fmt.Errorf("%w: member name", errHeader)
	}
	return nil
}

func (h header) encode() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	b := []byte{headerVersion, byte(h.kind), h.urgency, byte(len(h.service))}
	b = append(b, h.service...)
	b = append(b, byte(len(h.member)))
	return append(b, h.member...), nil
}

// readHeader reads exactly one header and not a byte of what follows.
func readHeader(r io.Reader) (header, error) {
	var buf [maxService + 1]byte
	if _, err := io.ReadFull(r, buf[:4]); err != nil {
		return header{}, fmt.Errorf("reading a stream header: %w", err)
	}
	if buf[0] != headerVersion {
		return header{}, fmt.Errorf("%w: version %d", errHeader, buf[0])
	}
	h := header{kind: kind(buf[1]), urgency: buf[2]}
	n := int(buf[3])
	if n > maxService {
		return header{}, fmt.Errorf("%w: service name of %d bytes", errHeader, n)
	}
	if _, err := io.ReadFull(r, buf[:n+1]); err != nil {
		return header{}, fmt.Errorf("reading a stream header: %w", err)
	}
	h.service = string(buf[:n])
	m := int(buf[n])
	if m > maxMember {
		return header{}, fmt.Errorf("%w: member name of %d bytes", errHeader, m)
	}
	if _, err := io.ReadFull(r, buf[:m]); err != nil {
		return header{}, fmt.Errorf("reading a stream header: %w", err)
	}
	h.member = string(buf[:m])
	return h, h.check()
}

func writeHeader(w io.Writer, h header) error {
	b, err := h.encode()
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// answers in the order of their codes; the first is "accepted".
var answers = []error{nil, ErrUnknownService, ErrUnknownMember, ErrNotConnected, ErrBusy, ErrRefused}

// writeAnswer tells the opener what became of its stream. An error that has
// no code is ErrRefused.
func writeAnswer(w io.Writer, verdict error) error {
	code := byte(len(answers) - 1)
	for i, a := range answers {
		if verdict == a || a != nil && errors.Is(verdict, a) {
			code = byte(i)
			break
		}
	}
	_, err := w.Write([]byte{headerVersion, code})
	return err
}

// readAnswer returns the acceptor's verdict, or why it could not be read.
func readAnswer(r io.Reader) error {
	var b [2]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return fmt.Errorf("reading the answer to a stream header: %w", err)
	}
	if b[0] != headerVersion || int(b[1]) >= len(answers) {
		return fmt.Errorf("answer to a stream header: version %d code %d: %w", b[0], b[1], ErrRefused)
	}
	return answers[b[1]]
}

func validService(s string) bool {
	return len(s) >= 1 && len(s) <= maxService && only(s, "./-")
}

func validMember(s string) bool {
	return len(s) >= 1 && len(s) <= maxMember && only(s, "-")
}

// only reports whether s is made of a-z, 0-9 and the bytes of more.
func only(s, more string) bool {
	for i := range len(s) {
		c := s[i]
		ok := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		for j := range len(more) {
			ok = ok || c == more[j]
		}
		if !ok {
			return false
		}
	}
	return true
}
