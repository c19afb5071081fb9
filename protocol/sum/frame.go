package sum

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// Service is the name of the rounds at the convener.
const Service = "sum/round"

type frameType byte

const (
	tHello frameType = 1 + iota
	tMessage
	tVector
	tFixed
	tRefused
	tWord
)

// MaxWord bounds what a member says about an outcome, in bytes.
const MaxWord = 16 << 10

const (
	frameHeader = 7
	helloSize   = 40
	maxRefusal  = 256
	theConvener = 255 // in place of a member's index
)

// frame is one frame. The payload of a vector is shared by all who are sent it.
type frame struct {
	t       frameType
	kind    secagg.Kind
	member  byte
	payload []byte
}

func writeFrame(w io.Writer, f frame) error {
	h := make([]byte, frameHeader, frameHeader+min(len(f.payload), 1<<14))
	h[0], h[1], h[2] = byte(f.t), byte(f.kind), f.member
	binary.BigEndian.PutUint32(h[3:], uint32(len(f.payload)))
	if len(f.payload) <= 1<<14 { // in one piece
		_, err := w.Write(append(h, f.payload...))
		return err
	}
	if _, err := w.Write(h); err != nil {
		return err
	}
	_, err := w.Write(f.payload)
	return err
}

// readFrame reads a frame in a round; the length is held against its type before anything is allocated. Before the hello only a hello fits: sc is nil.
func readFrame(in io.Reader, sc scheme, r secagg.Round) (f frame, err error) {
	var h [frameHeader]byte
	if _, err := io.ReadFull(in, h[:]); err != nil {
		return f, err
	}
	f.t, f.kind, f.member = frameType(h[0]), secagg.Kind(h[1]), h[2]
	n := int64(binary.BigEndian.Uint32(h[3:]))
	least, most := int64(-1), int64(-1)
	switch {
	case f.t == tHello:
		least, most = helloSize, helloSize+int64(statementHead(secagg.MaxMembers))+maxSignature
	case f.t == tRefused:
		least, most = 0, maxRefusal
	case sc == nil:
	case f.t == tMessage && sc.size(r, f.kind) > 0 && (int(f.member) < len(r.Members) || f.member == theConvener):
		least, most = 1, int64(sc.size(r, f.kind))
	case f.t == tVector && sc.size(r, secagg.KindMasked) > 0 && int(f.member) < len(r.Members):
		least, most = int64(8*r.Length), int64(8*r.Length)
	case f.t == tFixed && slices.Contains(sc.steps(), f.kind):
		least, most = int64(statementHead(len(r.Members)))+1, int64(statementHead(len(r.Members)))+maxSignature
	case f.t == tWord:
		least, most = 0, MaxWord
	}
	if most < 0 || n < least || n > most {
		return f, fmt.Errorf("frame of type %d with %d bytes out of place", f.t, n)
	}
	f.payload = make([]byte, n)
	if _, err := io.ReadFull(in, f.payload); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return f, err
	}
	return f, nil
}

// hello is a member's; the convener's has its statement that the attempt is begun behind it.
func hello(manifest [32]byte, number uint64, statement []byte) frame {
	return frame{t: tHello, payload: append(binary.BigEndian.AppendUint64(manifest[:], number), statement...)}
}

func refusal(final bool, text string) frame {
	k := secagg.Kind(0)
	if final {
		k = 1
	}
	return frame{t: tRefused, kind: k, payload: []byte(text)[:min(len(text), maxRefusal)]}
}

// printable is a stranger's sentence without what a terminal would obey.
func printable(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		if out[i] = c; c < ' ' || c > '~' {
			out[i] = '?'
		}
	}
	return string(out)
}
