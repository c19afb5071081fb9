package wire

import "fmt"

// Version is the version of this protocol; both sides must have the same.
const Version = 1

// Hello opens a control stream, from both sides.
type Hello struct {
	Version  int    `json:"version"`
	Run      string `json:"run"`
	Manifest Hash   `json:"manifest"`
}

func (h *Hello) check() error {
	if h.Version != Version {
		return fmt.Errorf("protocol version %d, this is version %d", h.Version, Version)
	}
	return CheckRun(h.Run)
}

func (Hello) kind() Kind                 { return KindHello }
func (h Hello) payload() ([]byte, error) { return encode(&h) }

// DecodeHello reads a payload of KindHello strictly.
func DecodeHello(b []byte) (Hello, error) {
	var h Hello
	if err := decode(b, Limit(KindHello), &h); err != nil {
		return Hello{}, fmt.Errorf("hello: %w", err)
	}
	return h, nil
}

// Ended says that the sender's part in the run is over, certified or void, and
// that it needs nothing more from the board.
type Ended struct {
	Run      string `json:"run"`
	Manifest Hash   `json:"manifest"`
}

func (e *Ended) check() error            { return CheckRun(e.Run) }
func (Ended) kind() Kind                 { return KindEnded }
func (e Ended) payload() ([]byte, error) { return encode(&e) }

// DecodeEnded reads a payload of KindEnded strictly.
func DecodeEnded(b []byte) (Ended, error) {
	var e Ended
	if err := decode(b, Limit(KindEnded), &e); err != nil {
		return Ended{}, fmt.Errorf("ended: %w", err)
	}
	return e, nil
}

// Refusal answers a request that is not served. It is not signed: it binds
// nobody and decides nothing but a retry.
type Refusal struct {
	Text  string `json:"text"`
	Retry bool   `json:"retry"` // the same request may succeed later
}

func (r *Refusal) check() error            { return CheckText(r.Text, maxText) }
func (Refusal) kind() Kind                 { return KindRefusal }
func (r Refusal) payload() ([]byte, error) { return encode(&r) }

// Error makes a Refusal usable as the error of the refused request.
func (r Refusal) Error() string { return "refused: " + r.Text }

// DecodeRefusal reads a payload of KindRefusal strictly.
func DecodeRefusal(b []byte) (Refusal, error) {
	var r Refusal
	if err := decode(b, Limit(KindRefusal), &r); err != nil {
		return Refusal{}, fmt.Errorf("refusal: %w", err)
	}
	return r, nil
}
