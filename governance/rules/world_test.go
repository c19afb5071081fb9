package rules

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// world runs a script against a state. A line is one of
//
//	AUTHOR KIND BODY [@OPTION…]   an entry; BODY is JSON in which ${…} is replaced (expand)
//	AUTHOR run.authorise RUN [FIELD=JSON…]   the standard manifest with some fields changed
//	again                         the last accepted entry, byte for byte
//	given WHAT…                   entries without a line of their own: measures, profiles, roster
//
// Options: @seq=N, @version=N, @origin=NAME, @forged (signed by somebody else), @spaced (not canonical).
type world struct {
	t    *testing.T
	s    *State
	keys map[string]*identity.Keys
	last []byte
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, keys: map[string]*identity.Keys{}}
	g := Genesis{Format: 1, Ledger: "test.example/log", Convener: w.key("convener").Public()}
	for _, n := range []string{"payer-a", "payer-b", "payer-c", "payer-d"} {
		g.Members = append(g.Members, w.key(n).Public())
	}
	s, err := New(g)
	if err != nil {
		t.Fatal(err)
	}
	w.s = s
	return w
}

func (w *world) key(name string) *identity.Keys {
	if w.keys[name] == nil {
		k, err := identity.Generate(name)
		if err != nil {
			w.t.Fatal(err)
		}
		w.keys[name] = k
	}
	return w.keys[name]
}

func (w *world) say(v Verdict) string {
	switch {
	case v.Refusal != nil:
		return "refused, " + v.Refusal.Error()
	case v.Duplicate:
		return fmt.Sprintf("already entry %d", v.Index)
	default:
		return fmt.Sprintf("entry %d", v.Index)
	}
}

// do judges a line with Check and with Apply, which must agree, and Check and refusals must leave the state as it is.
func (w *world) do(line string) Verdict {
	w.t.Helper()
	if rest, ok := strings.CutPrefix(line, "given "); ok {
		return w.given(strings.Fields(rest))
	}
	if line != "again" {
		w.last = w.entry(line)
	}
	before := w.s.Hash()
	c := w.s.Check(w.last)
	if w.s.Hash() != before {
		w.t.Errorf("%s: checking changes the state", line)
	}
	v := w.s.Apply(w.last)
	if w.say(c) != w.say(v) {
		w.t.Errorf("%s: check says %s, apply says %s", line, w.say(c), w.say(v))
	}
	if (v.Refusal != nil || v.Duplicate) != (w.s.Hash() == before) {
		w.t.Errorf("%s: %s, but the state's hash says otherwise", line, w.say(v))
	}
	return v
}

func (w *world) given(what []string) (v Verdict) {
	for _, x := range what {
		var lines []string
		switch x {
		case "measures":
			for _, id := range []string{"m-rate", "m-cost"} {
				lines = append(lines, fmt.Sprintf(`payer-a measure.propose {"id":"%s","version":"1.0.0","hash":"${spechash:%s:1.0.0}","definition":"${spec:%s:1.0.0}"}`, id, id, id))
				for _, p := range []string{"a", "b", "c"} {
					lines = append(lines, fmt.Sprintf(`payer-%s measure.vote {"hash":"${spechash:%s:1.0.0}","choice":"yes"}`, p, id))
				}
				lines = append(lines, fmt.Sprintf(`convener measure.approve {"hash":"${spechash:%s:1.0.0}"}`, id))
			}
		case "profiles":
			for _, p := range []string{"quality-rate", "price-like"} {
				lines = append(lines, fmt.Sprintf(`convener profile.set {"name":"%s","profile":${profile:%s:},"hash":"${profilehash:%s:}"}`, p, p, p))
			}
		case "roster":
			lines = append(lines, `convener roster.set {"practices":${roster:p1,p2,p3},"hash":"${rosterhash:p1,p2,p3}"}`)
		default:
			w.t.Fatalf("given %q", x)
		}
		for _, l := range lines {
			if v = w.do(l); v.Refusal != nil {
				w.t.Fatalf("%s: %v", l, v.Refusal)
			}
		}
	}
	return v
}

var hole = regexp.MustCompile(`\$\{([a-z]+):([^}]*)\}`)

// entry makes the signed entry of a line.
func (w *world) entry(line string) []byte {
	line, options, _ := strings.Cut(line, " @")
	author, rest, _ := strings.Cut(line, " ")
	kind, body, _ := strings.Cut(rest, " ")
	if kind == KindRunAuthorise && !strings.HasPrefix(body, "{") {
		body = w.manifest(body)
	}
	var signers string
	body = hole.ReplaceAllStringFunc(body, func(h string) string {
		m := hole.FindStringSubmatch(h)
		if m[1] == "sign" {
			signers = m[2]
			return "[]"
		}
		return w.expand(m[1], strings.Split(m[2], ":"))
	})
	if signers != "" {
		body = w.certificate(body, signers)
	}
	e := entry.Entry{Origin: "test.example/log", Author: author, Kind: kind, Version: Version, Body: json.RawMessage(body)}
	e.Seq, e.Prev = w.s.Next(author)
	signer := w.key(author)
	spaced := false
	for _, o := range strings.Fields(strings.ReplaceAll(options, "@", " ")) {
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
			signer = nil
		case "spaced":
			spaced = true
		default:
			w.t.Fatalf("option %q", o)
		}
	}
	if signer == nil {
		var err error
		if signer, err = identity.Generate(author); err != nil {
			w.t.Fatal(err)
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

func (w *world) expand(what string, arg []string) string {
	switch what {
	case "spec":
		return base64.StdEncoding.EncodeToString(spec(arg[0], arg[1]).Canonical())
	case "spechash":
		return hexOf(spec(arg[0], arg[1]).Hash())
	case "profile":
		return string(w.profile(arg).Canonical())
	case "profilehash":
		return hexOf(w.profile(arg).Hash())
	case "roster":
		return `["` + strings.ReplaceAll(arg[0], ",", `","`) + `"]`
	case "rosterhash":
		return RosterHash(strings.Split(arg[0], ","))
	case "hash":
		return strings.Repeat(arg[0], 64)[:64]
	case "manifest":
		r, _ := w.s.Run(arg[0])
		return r.Manifest
	case "member":
		p := w.key(arg[0]).Public()
		if len(arg) > 1 { // with a key of somebody else
			p.HPKE = w.key(arg[1]).Public().HPKE
		}
		return string(p.Canonical())
	case "endorse":
		b := MemberJoin{Member: w.key(arg[0]).Public(), Role: RolePayer}
		st, err := b.Statement("test.example/log")
		if err != nil {
			w.t.Fatal(err)
		}
		return w.signatures(JoinContext, st, arg[1])
	}
	w.t.Fatalf("unknown ${%s:…}", what)
	return ""
}

// signatures signs for each name; a name with "!" gives a signature that does not verify.
func (w *world) signatures(context string, statement []byte, names string) string {
	list := []Signature{}
	for _, n := range strings.Split(names, ",") {
		n, bad := strings.CutSuffix(n, "!")
		if n == "" {
			continue
		}
		sig := w.key(n).Sign(context, statement)
		if bad {
			sig[10] ^= 1
		}
		list = append(list, Signature{n, sig})
	}
	b, err := entry.Canonical(list)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

func (w *world) certificate(body, signers string) string {
	var c RunCertify
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		w.t.Fatalf("%s: %v", body, err)
	}
	st, err := c.Statement.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Replace(body, `"signatures":[]`, `"signatures":`+w.signatures(CertificateContext, st, signers), 1)
}

// profile is a built-in profile with some fields changed.
func (w *world) profile(arg []string) disclosure.Profile {
	p := disclosure.QualityRate()
	if arg[0] == "price-like" {
		p = disclosure.PriceLike()
	}
	if len(arg) > 1 && arg[1] != "" {
		if err := json.Unmarshal([]byte(`{"`+strings.NewReplacer("=", `":`, ",", `,"`).Replace(arg[1])+`}`), &p); err != nil {
			w.t.Fatal(err)
		}
	}
	return p
}
