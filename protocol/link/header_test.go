package link

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestHeaderRefusals(t *testing.T) {
	raw := func(b ...byte) string { return string(b) }
	long := strings.Repeat("s", maxService)
	tests := []struct {
		name, in string
		want     error // nil = accepted
	}{
		{"direct", raw(1, 2, 0, 4) + "raft" + raw(8) + "convener", nil},
		{"inner", raw(1, 4, 5, 4) + "a.b/" + raw(7) + "payer-a", nil},
		{"longest service", raw(1, 2, 7, 64) + long + raw(1) + "a", nil},
		{"relay", raw(1, 3, 5, 0, 7) + "payer-a", nil},
		{"hello", raw(1, 1, 0, 0, 8) + "convener", nil},
		{"version", raw(2, 2, 0, 4) + "raft" + raw(8) + "convener", errHeader},
		{"kind 0", raw(1, 0, 0, 0, 8) + "convener", errHeader},
		{"kind 5", raw(1, 5, 0, 4) + "raft" + raw(8) + "convener", errHeader},
		{"urgency", raw(1, 2, 8, 4) + "raft" + raw(8) + "convener", errHeader},
		{"service too long", raw(1, 2, 0, 65) + long + "s" + raw(1) + "a", errHeader},
		{"service longest byte", raw(1, 2, 0, 255) + strings.Repeat("s", 300), errHeader},
		{"no service", raw(1, 2, 0, 0, 8) + "convener", errHeader},
		{"service in a relay", raw(1, 3, 0, 4) + "raft" + raw(8) + "convener", errHeader},
		{"service in a hello", raw(1, 1, 0, 4) + "raft" + raw(8) + "convener", errHeader},
		{"service upper case", raw(1, 2, 0, 4) + "Raft" + raw(8) + "convener", errHeader},
		{"service with NUL", raw(1, 2, 0, 4) + "ra\x00t" + raw(8) + "convener", errHeader},
		{"no member", raw(1, 2, 0, 4) + "raft" + raw(0), errHeader},
		{"member too long", raw(1, 2, 0, 4) + "raft" + raw(33) + strings.Repeat("m", 33), errHeader},
		{"member with a slash", raw(1, 2, 0, 4) + "raft" + raw(3) + "a/b", errHeader},
		{"empty", "", io.EOF},
		{"cut in the service", raw(1, 2, 0, 4) + "ra", io.ErrUnexpectedEOF},
		{"cut before the member", raw(1, 2, 0, 4) + "raft", io.ErrUnexpectedEOF},
		{"cut in the member", raw(1, 2, 0, 4) + "raft" + raw(8) + "conv", io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := strings.NewReader(tt.in + "payload")
			if strings.HasPrefix(tt.name, "cut") || tt.name == "empty" {
				r = strings.NewReader(tt.in)
			}
			h, err := readHeader(r)
			if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if err != nil {
				return
			}
			if rest, _ := io.ReadAll(r); string(rest) != "payload" {
				t.Fatalf("left %q, want the payload", rest)
			}
			if b, err := h.encode(); err != nil || string(b) != tt.in {
				t.Fatalf("encodes as %q: %v", b, err)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	for _, want := range answers {
		var b bytes.Buffer
		if err := writeAnswer(&b, want); err != nil {
			t.Fatal(err)
		}
		if got := readAnswer(&b); got != want {
			t.Errorf("answer %v arrives as %v", want, got)
		}
	}
	var b bytes.Buffer
	writeAnswer(&b, errors.New("something with details"))
	if got := readAnswer(&b); got != ErrRefused {
		t.Errorf("an error without a code arrives as %v", got)
	}
	for _, in := range []string{"\x02\x00", "\x01\x06", "\x01\xff"} {
		if err := readAnswer(strings.NewReader(in)); !errors.Is(err, ErrRefused) {
			t.Errorf("answer %q: %v", in, err)
		}
	}
	if err := readAnswer(strings.NewReader("\x01")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half an answer: %v", err)
	}
}

func FuzzReadHeader(f *testing.F) {
	f.Add([]byte("\x01\x02\x00\x04raft\x08convener"))
	f.Add([]byte("\x01\x03\x05\x00\x07payer-apayload"))
	f.Add([]byte("\x01\x01\x00\x00\x08convener"))
	f.Add([]byte("\x01\x04\x00\x40"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		h, err := readHeader(r)
		if err != nil {
			return
		}
		b, err := h.encode()
		if err != nil || !bytes.Equal(b, in[:len(in)-r.Len()]) {
			t.Fatalf("%q was accepted and encodes as %q: %v", in, b, err)
		}
	})
}
