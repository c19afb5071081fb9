package transcript

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
)

// T is what a world needs of a test.
type T interface {
	Helper()
	Fatalf(format string, a ...any)
	Errorf(format string, a ...any)
}

// Ledger is the name of the ledgers of this package.
const Ledger = "test.example/log"

// Founders are the payers of a new world.
var Founders = []string{"payer-a", "payer-b", "payer-c", "payer-d"}

// World is a ledger's state whose members the story plays all. It is not safe for concurrent use.
type World struct {
	State *rules.State
	// Attempts is every entry that was judged, refused ones included, and Verdicts what was said of it.
	Attempts [][]byte
	Verdicts []rules.Verdict

	t     T
	keys  map[string]*identity.Keys
	fresh map[string]*identity.Keys // new keys of members, until they count
	last  []byte
}

// New founds a ledger with a convener and four payers.
func New(t T) *World {
	w := &World{t: t, keys: map[string]*identity.Keys{}, fresh: map[string]*identity.Keys{}}
	g := rules.Genesis{Format: 1, Ledger: Ledger, Convener: w.Key("convener").Public()}
	for _, n := range Founders {
		g.Members = append(g.Members, w.Key(n).Public())
	}
	s, err := rules.New(g)
	if err != nil {
		t.Fatalf("found a ledger: %v", err)
	}
	w.State = s
	return w
}

// Key returns a member's present keys; they are made when they are first asked for.
func (w *World) Key(name string) *identity.Keys {
	if w.keys[name] == nil {
		w.keys[name] = w.generate(name)
	}
	return w.keys[name]
}

func (w *World) generate(name string) *identity.Keys {
	k, err := identity.Generate(name)
	if err != nil {
		w.t.Fatalf("keys of %s: %v", name, err)
	}
	return k
}

// Say puts a verdict into words.
func Say(v rules.Verdict) string {
	switch {
	case v.Refusal != nil:
		return "refused, " + v.Refusal.Error()
	case v.Duplicate:
		return fmt.Sprintf("already entry %d", v.Index)
	default:
		return fmt.Sprintf("entry %d", v.Index)
	}
}

var long = regexp.MustCompile(`\b[0-9a-f]{8,}\b`)

// Play plays a story and returns it with the answers as they are. Hashes are printed as HASH, since they depend on fresh keys.
func (w *World) Play(story string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(story, "\n"), "\n") {
		if strings.HasPrefix(line, "  -> ") {
			continue
		}
		out.WriteString(line + "\n")
		if line != "" && line[0] != '#' {
			out.WriteString("  -> " + long.ReplaceAllString(Say(w.Do(line)), "HASH") + "\n")
		}
	}
	return out.String()
}

// Do plays one line. Of a line of several entries it returns the first refusal, or the last verdict.
func (w *World) Do(line string) (v rules.Verdict) {
	w.t.Helper()
	if line == "again" {
		return w.Judge(w.last)
	}
	lines, several := w.unfold(line)
	if !several {
		lines = []string{line}
	}
	for _, l := range lines {
		if v = w.Judge(w.Entry(l)); v.Refusal != nil {
			return v
		}
	}
	return v
}

// Judge has an entry judged with Check and with Apply, which must agree; Check and refusals must leave the state as it is.
func (w *World) Judge(signed []byte) rules.Verdict {
	w.t.Helper()
	w.last = signed
	before := w.State.Hash()
	c := w.State.Check(signed)
	if w.State.Hash() != before {
		w.t.Errorf("%.300s: checking changes the state", signed)
	}
	v := w.State.Apply(signed)
	if Say(c) != Say(v) {
		w.t.Errorf("%.300s: check says %s, apply says %s", signed, Say(c), Say(v))
	}
	if (v.Refusal != nil || v.Duplicate) != (w.State.Hash() == before) {
		w.t.Errorf("%.300s: %s, but the state's hash says otherwise", signed, Say(v))
	}
	w.Attempts, w.Verdicts = append(w.Attempts, signed), append(w.Verdicts, v)
	for name, k := range w.fresh {
		if m, ok := w.State.Member(name); ok && m.Public.Equal(k.Public()) {
			w.keys[name] = k
		}
	}
	return v
}

// unfold is the entries of a line that stands for several, which may be none.
func (w *World) unfold(line string) (out []string, several bool) {
	f := words(line)
	add := func(format string, a ...any) { out = append(out, fmt.Sprintf(format, a...)) }
	switch f[0] {
	case "time":
		for _, p := range w.State.Payers() {
			if w.State.Reading(p) < w.date(f[1]) {
				add("%s clock time=@%s", p, f[1])
			}
		}
	case "carry":
		voters := w.State.Payers()
		seated := len(w.State.Seats()) > 0 && f[2] != rules.SubjectRemove && f[2] != rules.SubjectRekey
		if seated {
			voters = nil
			for _, s := range w.State.Seats() {
				if s.Class != rules.ClassExpert {
					voters = append(voters, s.Holder)
				}
			}
		}
		add("convener motion.propose %s", strings.Join(f[1:], " "))
		for _, p := range voters {
			if seated || !strings.Contains(line, p) || f[2] != rules.SubjectRemove && f[2] != rules.SubjectRekey {
				add("%s motion.vote id=%s choice=yes", p, f[1])
			}
		}
		add("convener motion.carry id=%s", f[1])
	case "yes":
		for _, p := range f[2:] {
			if f[1] == "measure" {
				add("%s measure.vote hash=${spechash:m-rate:1.0.0} choice=yes", p)
			} else {
				add("%s motion.vote id=%s choice=yes", p, f[1])
			}
		}
	case "join":
		add(`convener member.join {"member":${member:%[1]s},"role":"%[2]s","endorsements":${endorse:%[1]s:%[3]s:%[2]s}}`, f[1], f[2], strings.Join(w.State.Payers(), ","))
	case "given":
		for _, x := range f[1:] {
			out = append(out, w.given(x)...)
		}
	default:
		return nil, false
	}
	return out, true
}

func (w *World) given(what string) (out []string) {
	switch what {
	case "measures":
		for _, id := range []string{"m-rate", "m-cost"} {
			out = append(out, fmt.Sprintf(`payer-a measure.propose {"id":"%s","version":"1.0.0","hash":"${spechash:%s:1.0.0}","definition":"${spec:%s:1.0.0}"}`, id, id, id))
			for _, p := range []string{"a", "b", "c"} {
				out = append(out, fmt.Sprintf(`payer-%s measure.vote {"hash":"${spechash:%s:1.0.0}","choice":"yes"}`, p, id))
			}
			out = append(out, fmt.Sprintf(`convener measure.approve {"hash":"${spechash:%s:1.0.0}"}`, id))
		}
	case "profiles":
		for _, p := range []string{"quality-rate", "price-like"} {
			out = append(out, fmt.Sprintf(`convener profile.set {"name":"%s","profile":${profile:%s:},"hash":"${profilehash:%s:}"}`, p, p, p))
		}
	case "roster":
		out = append(out, `convener roster.set {"practices":${roster:p1,p2,p3},"hash":"${rosterhash:p1,p2,p3}"}`)
	default:
		w.t.Fatalf("given %q", what)
	}
	return out
}

// Entry makes the signed entry of a line.
func (w *World) Entry(line string) []byte {
	w.t.Helper()
	line, options := cutOptions(line)
	author, rest, _ := strings.Cut(line, " ")
	kind, body, _ := strings.Cut(rest, " ")
	e := entry.Entry{Origin: Ledger, Author: author, Kind: kind, Version: rules.Version, Body: json.RawMessage(w.body(author, kind, body))}
	e.Seq, e.Prev = w.State.Next(author)
	signer := w.Key(author)
	spaced := false
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		n, _ := strconv.Atoi(value)
		switch name {
		case "seq":
			e.Seq = uint64(n)
		case "version":
			e.Version = n
		case "origin":
			e.Origin = value
		case "forged":
			signer = w.generate(author)
		case "spaced":
			spaced = true
		default:
			w.t.Fatalf("option %q", o)
		}
	}
	signed, err := entry.Sign(signer, e)
	if err != nil {
		w.t.Fatalf("%s: %v", line, err)
	}
	if spaced {
		signed = append(signed, ' ')
	}
	return signed
}

func cutOptions(line string) (string, []string) {
	line, options, _ := strings.Cut(line, " @")
	return line, strings.Fields(strings.ReplaceAll(options, "@", " "))
}

// date reads a day, or a day and an hour, as log time.
func (w *World) date(s string) int64 {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Unix()
		}
	}
	w.t.Fatalf("%q is no date", s)
	return 0
}

// words splits at spaces outside quotation marks.
func words(s string) []string {
	quoted := false
	return slices.DeleteFunc(strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	}), func(x string) bool { return x == "" })
}
