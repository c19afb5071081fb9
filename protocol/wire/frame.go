package wire

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Kind says what a frame's payload is.
type Kind byte

// The kinds of frames.
const (
	KindHello   Kind = 1
	KindCommit  Kind = 2
	KindVoid    Kind = 3
	KindPosted  Kind = 4
	KindPut     Kind = 5
	KindGet     Kind = 6
	KindProceed Kind = 7
	KindRefusal Kind = 8
	KindEnded   Kind = 9
	KindWant    Kind = 10
)

// The services of a run, as names of the link.
const (
	ServiceCommit = "run/commit"
	ServicePut    = "run/put"
	ServiceGet    = "run/get"
)

const frameHeader = 5

// limits holds the largest payload of each kind. Signed kinds carry a hybrid
// signature of about 4.5 kB in base64.
var limits = [...]int{
	KindHello:   1 << 10,
	KindCommit:  8 << 10,
	KindVoid:    10 << 10,
	KindPosted:  1 << 10,
	KindPut:     1 << 10,
	KindGet:     1 << 10,
	KindProceed: 1 << 10,
	KindRefusal: 2 << 10,
	KindEnded:   1 << 10,
	KindWant:    1 << 7,
}

// Limit returns the largest payload of a kind in bytes, 0 for an unknown kind.
func Limit(k Kind) int {
	if int(k) >= len(limits) {
		return 0
	}
	return limits[k]
}

// WriteFrame writes one frame with a single Write, so that a frame is never
// torn by another writer's bytes between header and payload.
func WriteFrame(w io.Writer, k Kind, payload []byte) error {
	if n := Limit(k); len(payload) == 0 || len(payload) > n {
		return fmt.Errorf("write frame: kind %d with %d bytes, allowed are 1 to %d", k, len(payload), n)
	}
	b := make([]byte, frameHeader, frameHeader+len(payload))
	b[0] = byte(k)
	binary.BigEndian.PutUint32(b[1:], uint32(len(payload)))
	b = append(b, payload...)
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write frame of kind %d: %w", k, err)
	}
	return nil
}

// ReadFrame reads one frame. At a clean end before the first byte it returns
// io.EOF; an end inside a frame is io.ErrUnexpectedEOF. The length is checked
// against the kind's limit before the payload is allocated.
func ReadFrame(r io.Reader) (Kind, []byte, error) {
	var h [frameHeader]byte
	if _, err := io.ReadFull(r, h[:1]); err != nil {
		return 0, nil, err
	}
	k := Kind(h[0])
	limit := Limit(k)
	if limit == 0 {
		return 0, nil, fmt.Errorf("read frame: unknown kind %d", k)
	}
	if _, err := io.ReadFull(r, h[1:]); err != nil {
		return 0, nil, fmt.Errorf("read frame header: %w", unexpected(err))
	}
	n := binary.BigEndian.Uint32(h[1:])
	if n == 0 || int64(n) > int64(limit) {
		return 0, nil, fmt.Errorf("read frame: kind %d announces %d bytes, allowed are 1 to %d", k, n, limit)
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, fmt.Errorf("read frame payload: %w", unexpected(err))
	}
	return k, payload, nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Message is everything that can be framed by [Write].
type Message interface {
	kind() Kind
	payload() ([]byte, error)
}

// Write frames one message.
func Write(w io.Writer, m Message) error {
	b, err := m.payload()
	if err != nil {
		return err
	}
	return WriteFrame(w, m.kind(), b)
}
