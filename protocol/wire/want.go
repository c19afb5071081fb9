package wire

import "fmt"

// Chunk is the size of an object's chunks in bytes; its last may be shorter.
const Chunk = 1 << 20

// MaxRun is the most chunks that one Want asks for.
const MaxRun = 64

// Chunks is the number of chunks of an object of a size.
func Chunks(size int64) int { return int((size + Chunk - 1) / Chunk) }

// Want asks for chunks of the object that a stream is about, by their index.
type Want struct {
	First int `json:"first"`
	Count int `json:"count"`
}

func (w *Want) check() error {
	if w.Count < 1 || w.Count > MaxRun || w.First < 0 || w.First > Chunks(MaxSize)-w.Count {
		return fmt.Errorf("chunks %d, %d of them: outside an object", w.First, w.Count)
	}
	return nil
}

func (Want) kind() Kind                 { return KindWant }
func (w Want) payload() ([]byte, error) { return encode(&w) }

// DecodeWant reads a payload of KindWant strictly. Whether the object has these
// chunks is for the caller to say.
func DecodeWant(b []byte) (Want, error) {
	var w Want
	if err := decode(b, Limit(KindWant), &w); err != nil {
		return Want{}, fmt.Errorf("want: %w", err)
	}
	return w, nil
}
