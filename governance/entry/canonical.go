package entry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrForm says that bytes are not in their canonical form.
var ErrForm = errors.New("not canonical")

// Canonical prints v in the one form that is signed and hashed.
func Canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode canonically: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Decode reads data into v (a pointer) and fails with ErrForm unless printing v gives data again.
func Decode(data []byte, v any) error { return DecodeUpTo(MaxSize, data, v) }

// DecodeUpTo is Decode of a document that may be longer than an entry: one that holds entries.
func DecodeUpTo(most int, data []byte, v any) error {
	if len(data) > most {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrForm, len(data), most)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: data after the document", ErrForm)
	}
	again, err := Canonical(v)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	if !bytes.Equal(again, data) {
		return fmt.Errorf("%w: field order, white space, escapes or repeated fields", ErrForm)
	}
	return nil
}
