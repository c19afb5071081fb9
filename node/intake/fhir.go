package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tacet-health/tacet/node/store"
)

var mapped = []string{"Patient", "Coverage", "Encounter", "Condition", "Observation", "Procedure", "ServiceRequest", "MedicationRequest", "Immunization", "Medication", "ExplanationOfBenefit", "Claim"}

// mapper turns resources into rows. It goes over the files twice: what others
// refer to (Coverage, Medication, full URLs) first.
type mapper struct {
	clock
	unit        *store.Unit
	space       string // before every resource id
	assumeCover bool
	covers      map[string][]cover
	drugs       map[string]concept
	births      map[string]string // of Patients, by id
	urls        map[string]string // fullUrl of a bundle's entry to Type/id
	npis        map[string]string // of Practitioner/id and Organization/id
	references  []string          // of ExplanationOfBenefits to their Claims
	explained   map[string]bool   // ids of Claims with an ExplanationOfBenefit, whose lines are those
	skipped     map[string]int64
}

// at is where a resource stands.
type at struct {
	file  string
	line  int // of the first byte of its top-level value
	entry int // in a bundle, from 1; 0 in NDJSON
}

func (a at) problem(r string, err error) store.Problem {
	if a.entry > 0 {
		r = fmt.Sprintf("entry %d, %s", a.entry, r)
	}
	return store.Problem{File: a.file, Line: a.line, Name: "", Reason: r + ": " + err.Error()}
}

// maxLine bounds one top-level value: a bundle, or a line of NDJSON.
const maxLine = 1 << 30

// resources hands every resource of a file to f and returns the file's digest.
func resources(path string, f func(at, string, json.RawMessage) error) (sum [32]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	var in io.Reader = file
	bad := func(line int, reason string) error {
		return &store.FileError{Problems: []store.Problem{{File: path, Line: line, Reason: reason}}}
	}
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return sum, bad(0, "is not a gzip file, or is truncated")
		}
	}
	hash := sha256.New()
	r := bufio.NewReaderSize(io.TeeReader(in, hash), 1<<18)
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		r.Discard(3)
	}
	ndjson := strings.Contains(path, ".ndjson") || strings.Contains(path, ".jsonl")
	for line := 1; ; line++ {
		var raw []byte
		if ndjson {
			raw, err = readLine(r)
		} else {
			raw, err = io.ReadAll(io.LimitReader(r, maxLine+1))
		}
		if err != nil && err != io.EOF {
			return sum, bad(line, "cannot be read to its end: truncated or damaged, or longer than 1 GiB")
		}
		if len(bytes.TrimSpace(raw)) > 0 {
			if e := top(at{file: path, line: line}, raw, f); e != nil {
				return sum, e
			}
		}
		if err == io.EOF || !ndjson {
			hash.Sum(sum[:0])
			return sum, nil
		}
	}
}

func readLine(r *bufio.Reader) (line []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, errors.New("too long")
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// top takes one top-level value apart: a Bundle's resources, or a resource.
func top(where at, raw []byte, f func(at, string, json.RawMessage) error) error {
	var head struct {
		Type  string `json:"resourceType"`
		Entry []struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
		} `json:"entry"`
	}
	if len(raw) > maxLine {
		return &store.FileError{Problems: []store.Problem{{File: where.file, Line: where.line, Reason: "is longer than 1 GiB"}}}
	}
	if !utf8.Valid(raw) { // the decoder would put another letter in the place of what it cannot read
		return &store.FileError{Problems: []store.Problem{{File: where.file, Line: where.line, Reason: "is not UTF-8 text (a file in Latin-1 or UTF-16 has to be converted first)"}}}
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return &store.FileError{Problems: []store.Problem{{File: where.file, Line: where.line + lineOf(raw, err), Reason: "is not a JSON object of a FHIR resource (" + shape(err) + ")"}}}
	}
	if head.Type != "Bundle" {
		return f(where, "", raw)
	}
	for i, e := range head.Entry {
		where.entry = i + 1
		if len(e.Resource) == 0 {
			continue
		}
		if err := f(where, e.FullURL, e.Resource); err != nil {
			return err
		}
	}
	return nil
}

// lineOf counts the lines before a syntax error.
func lineOf(raw []byte, err error) int {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok && s.Offset <= int64(len(raw)) {
		return bytes.Count(raw[:s.Offset], []byte("\n"))
	}
	return 0
}

// shape says what is wrong with JSON without quoting it.
func shape(err error) string {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return "element " + t.Field + " is a " + strings.SplitN(t.Value, " ", 2)[0]
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected end") {
		return "it ends too early"
	}
	return "malformed"
}

// decode reads a resource that is mapped; nil for another type. url is the full URL of a bundle's entry.
func (m *mapper) decode(url string, raw json.RawMessage, count bool) (*resource, string, error) {
	var head struct {
		Type string `json:"resourceType"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.Type == "" {
		return nil, "a value", errors.New("is no FHIR resource: resourceType is missing")
	}
	if !slices.Contains(mapped, head.Type) {
		if count {
			m.skipped[head.Type]++
		}
		return nil, head.Type, nil
	}
	var r resource
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, head.Type, errors.New("cannot be read: " + shape(err))
	}
	r.raw = raw
	r.ID = identity(r.ID, url)
	if err := r.modified(); err != nil {
		return nil, head.Type, err
	}
	return &r, head.Type, nil
}

// identity is the id of a resource; one that a transaction is to create has none yet, and is known by the UUID of its entry.
func identity(id, url string) string {
	if uuid, ok := strings.CutPrefix(url, "urn:uuid:"); ok && id == "" {
		return uuid
	}
	return id
}

// index is the first pass.
func (m *mapper) index(url string, raw json.RawMessage) (string, error) {
	m.provider(url, raw)
	r, kind, err := m.decode(url, raw, true)
	if err != nil || r == nil {
		return kind, err
	}
	if url != "" && r.ID != "" {
		m.urls[url] = r.Type + "/" + r.ID
	}
	switch r.Type {
	case "Medication":
		m.drugs[r.ID] = r.Code
	case "Patient":
		m.births[r.ID] = r.Birth
	}
	return kind, nil
}
