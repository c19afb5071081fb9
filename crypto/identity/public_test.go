package identity

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestPublicOneForm(t *testing.T) {
	p := fixed(t, "payer-a", 1).Public()
	good := string(p.Canonical())
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("encoding has no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	tests := []struct{ name, in, want string }{
		{"as encoded", good, ""},
		{"trailing newline", good + "\n", "canonical"},
		{"trailing value", good + "{}", "trailing"},
		{"trailing garbage", good + "x", "trailing"},
		{"leading space", " " + good, "canonical"},
		{"space inside", replace(",", ", "), "canonical"},
		{"unknown field", replace(`{`, `{"role":"payer",`), "unknown field"},
		{"field twice", replace(`{`, `{"name":"payer-b",`), "canonical"},
		{"case of a field name", replace(`"name"`, `"Name"`), "canonical"},
		{"escaped name", replace(`payer-a`, `\u0070ayer-a`), "canonical"},
		{"upper-case pin", replace(good[strings.Index(good, `"tls_pin":"`)+11:len(good)-2], strings.ToUpper(good[strings.Index(good, `"tls_pin":"`)+11:len(good)-2])), "canonical"},
		{"short pin", replace(`"tls_pin":"`+good[strings.Index(good, `"tls_pin":"`)+11:len(good)-2], `"tls_pin":"00`), "64 hexadecimal"},
		{"line break in base64", replace(`"ed25519":"`, `"ed25519":"\n`), "canonical"},
		{"no field", `{}`, "tls_pin"},
		{"null", `null`, "tls_pin"},
		{"array", `[]`, "decoding"},
		{"truncated", good[:len(good)-1], "decoding"},
		{"nothing", "", "decoding"},
		{"too long", strings.Repeat(" ", MaxPublicJSON) + good, "at most"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q, err := ParsePublic([]byte(tt.in))
			if tt.want == "" {
				if err != nil || !q.Equal(p) {
					t.Fatalf("not read back: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v does not contain %q", err, tt.want)
			}
		})
	}
}

func TestPublicInsideADocument(t *testing.T) {
	type doc struct {
		Members []Public `json:"members"`
	}
	in := doc{[]Public{fixed(t, "payer-a", 1).Public(), fixed(t, "payer-b", 50).Public()}}
	b, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var out doc
	if err := json.Unmarshal(b, &out); err != nil || len(out.Members) != 2 || !out.Members[1].Equal(in.Members[1]) {
		t.Fatalf("not read back: %v", err)
	}
	bad := strings.Replace(string(b), `"name"`, `"role": "payer", "name"`, 1)
	if err := json.Unmarshal([]byte(bad), &out); err == nil {
		t.Fatal("unknown field inside a document accepted")
	}
}

func TestValidate(t *testing.T) {
	k := fixed(t, "payer-a", 1)
	tests := []struct {
		name   string
		change func(*Public)
		want   string
	}{
		{"as made", func(*Public) {}, ""},
		{"no name", func(p *Public) { p.Name = "" }, "0 characters"},
		{"long name", func(p *Public) { p.Name = strings.Repeat("a", 33) }, "33 characters"},
		{"upper case", func(p *Public) { p.Name = "Payer" }, "only"},
		{"path", func(p *Public) { p.Name = "../payer" }, "only"},
		{"short Ed25519", func(p *Public) { p.Ed25519 = p.Ed25519[1:] }, "31 bytes"},
		{"zero Ed25519", func(p *Public) { p.Ed25519 = make([]byte, 32) }, "small order"},
		{"long ML-DSA", func(p *Public) { p.MLDSA65 = append(p.MLDSA65, 0) }, "1953 bytes"},
		{"no sealing key", func(p *Public) { p.HPKE = nil }, "0 bytes"},
		{"sealing key out of range", func(p *Public) { copy(p.HPKE, bytes.Repeat([]byte{0xff}, 32)) }, "sealing key"},
		{"X25519 point of small order", func(p *Public) { clear(p.HPKE[1184:]) }, "sealing key"},
		{"no pin", func(p *Public) { p.TLSPin = [32]byte{} }, "pin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := k.Public()
			tt.change(&p)
			err := p.Validate()
			if tt.want == "" && err == nil {
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v does not contain %q", err, tt.want)
			}
		})
	}
	if !k.Public().Equal(fixed(t, "payer-a", 1).Public()) {
		t.Fatal("a changed copy reached the keys")
	}
}

// TestSmallOrder shows for each listed encoding, by forging with it, that it
// is of small order: a fixed signature (R the neutral element, S = 0) verifies
// for some of a few messages.
func TestSmallOrder(t *testing.T) {
	sig := make([]byte, ed25519.SignatureSize)
	sig[0] = 1
	for _, y := range lowOrder {
		for _, sign := range []byte{0, 0x80} {
			key := bytes.Clone(y[:])
			key[31] |= sign
			if !smallOrder(key) {
				t.Errorf("%x not recognised", key)
			}
			forged := false
			for i := range 200 {
				forged = forged || ed25519.Verify(key, fmt.Append(nil, i), sig)
			}
			// A set sign bit on x = 0 is no point at all (-0) in strict decoders.
			if !forged && sign == 0 {
				t.Errorf("%x does not behave like a point of small order", key)
			}
		}
	}
	if smallOrder(fixed(t, "payer-a", 1).public.Ed25519) {
		t.Error("an honest key is refused")
	}
}

func TestFingerprint(t *testing.T) {
	p := fixed(t, "payer-a", 1).Public()
	short, long, ok := strings.Cut(p.Fingerprint(), " sha256:")
	if !ok || len(long) != 64 || len(short) != 39 || !strings.HasPrefix(long, strings.ReplaceAll(short, "-", "")) {
		t.Fatalf("fingerprint %q", p.Fingerprint())
	}
	q := fixed(t, "payer-b", 1).Public()
	if q.Fingerprint() == p.Fingerprint() {
		t.Fatal("the name is not in the fingerprint")
	}
}

// TestNothingPrintsSecrets prints keys, and what is made of them, in every way
// at hand and looks for each seed and each expanded key.
func TestNothingPrintsSecrets(t *testing.T) {
	k := fixed(t, "payer-a", 0x41) // seeds AAAA…, BBBB…, visible in any encoding
	cert, err := k.TLSCertificate()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, v := range []any{k, *k, struct{ K *Keys }{k}, []Keys{*k}, cert.PrivateKey, k.NoteSigner("log.example")} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		if b, err := json.Marshal(v); err == nil {
			out.Write(b)
		}
	}
	for _, s := range []string{"AAAA", "BBBB", "CCCC", "DDDD", "4141", "4242", "4343", "4444", "65 65", "66 66", "67 67", "68 68", "0x41, 0x41", "QUFB", "QkJC", "Q0ND", "RERE"} {
		if strings.Contains(out.String(), s) {
			t.Errorf("output shows a seed as %q", s)
		}
	}
	if !strings.Contains(out.String(), "payer-a") {
		t.Error("output does not name the member")
	}
}

func FuzzParsePublic(f *testing.F) {
	good := fixed(f, "payer-a", 1).public.Canonical()
	f.Add(good)
	f.Add(append(bytes.Clone(good), '\n'))
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{"name":"a","ed25519":"","mldsa65":"","hpke":"","tls_pin":""}`))
	f.Add([]byte(`{"name":"a","name":"b"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePublic(b)
		if err != nil {
			return
		}
		if !bytes.Equal(p.Canonical(), b) {
			t.Fatal("a second form was accepted")
		}
		if _, err := p.Seal(nil, nil, nil); err != nil {
			t.Fatalf("an accepted identity cannot be sealed to: %v", err)
		}
	})
}
