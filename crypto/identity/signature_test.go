package identity

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

const testContext = "tacet/test/v1"

// fixed gives the same keys for the same fill in every run.
func fixed(t testing.TB, name string, fill byte) *Keys {
	t.Helper()
	seed := func(n byte) []byte { return bytes.Repeat([]byte{fill + n}, seedSize) }
	k, err := derive(seeds{seedsVersion, name, seed(0), seed(1), seed(4), seed(2), seed(3)})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSignatureRefusals(t *testing.T) {
	a, b := fixed(t, "payer-a", 1), fixed(t, "payer-b", 50)
	msg := []byte("a statement")
	good := a.Sign(testContext, msg)
	if len(good) != SignatureSize {
		t.Fatalf("signature has %d bytes, want %d", len(good), SignatureSize)
	}
	if !bytes.Equal(good, a.Sign(testContext, msg)) {
		t.Fatal("signing twice gives different bytes")
	}
	flip := func(i int) []byte { s := bytes.Clone(good); s[i] ^= 1; return s }
	other := b.Sign(testContext, msg)
	edOf := func(ed, pq []byte) []byte {
		return append(bytes.Clone(ed[:ed25519.SignatureSize]), pq[ed25519.SignatureSize:]...)
	}
	mixed := a.Public()
	mixed.MLDSA65 = b.Public().MLDSA65
	short := a.Public()
	short.MLDSA65 = short.MLDSA65[:100]

	tests := []struct {
		name    string
		who     Public
		context string
		msg     []byte
		sig     []byte
		want    string // part of the error; "" = verifies
	}{
		{"as signed", a.Public(), testContext, msg, good, ""},
		{"other message", a.Public(), testContext, []byte("another statement"), good, "Ed25519 half"},
		{"other context", a.Public(), "tacet/test/v2", msg, good, "Ed25519 half"},
		{"boundary of context and message moved", a.Public(), testContext + "a", msg[1:], good, "Ed25519 half"},
		{"other member", b.Public(), testContext, msg, good, "Ed25519 half"},
		{"first byte of the Ed25519 half", a.Public(), testContext, msg, flip(0), "Ed25519 half"},
		{"last byte of the Ed25519 half", a.Public(), testContext, msg, flip(ed25519.SignatureSize - 1), "Ed25519 half"},
		{"first byte of the ML-DSA half", a.Public(), testContext, msg, flip(ed25519.SignatureSize), "ML-DSA-65 half"},
		{"last byte of the ML-DSA half", a.Public(), testContext, msg, flip(SignatureSize - 1), "ML-DSA-65 half"},
		{"Ed25519 half of another", a.Public(), testContext, msg, edOf(other, good), "Ed25519 half"},
		{"ML-DSA half of another", a.Public(), testContext, msg, edOf(good, other), "ML-DSA-65 half"},
		{"halves of two members under both their keys", mixed, testContext, msg, edOf(good, other), "Ed25519 half"},
		{"empty", a.Public(), testContext, msg, nil, "0 bytes"},
		{"Ed25519 alone", a.Public(), testContext, msg, good[:ed25519.SignatureSize], "64 bytes"},
		{"trailing byte", a.Public(), testContext, msg, append(bytes.Clone(good), 0), "bytes, want 3373"},
		{"short key", short, testContext, msg, good, "wrong length"},
		{"no keys", Public{}, testContext, msg, good, "wrong length"},
		{"no context", a.Public(), "", msg, good, "context has 0 bytes"},
		{"long context", a.Public(), strings.Repeat("x", 256), msg, good, "context has 256 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.who.Verify(tt.context, tt.msg, tt.sig)
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want == "":
			case err == nil:
				t.Fatal("accepted")
			case !strings.Contains(err.Error(), tt.want):
				t.Fatalf("error %q does not contain %q", err, tt.want)
			case !strings.Contains(tt.want, "context has") && !errors.Is(err, ErrSignature):
				t.Fatalf("%v does not wrap ErrSignature", err)
			}
		})
	}
}

// TestHalvesStandAlone checks against the algorithms themselves that the input
// is the documented one, and that neither half is a bare signature of the message.
func TestHalvesStandAlone(t *testing.T) {
	k := fixed(t, "payer-a", 1)
	msg := []byte("a statement")
	sig := k.Sign(testContext, msg)
	p := k.Public()
	id := signerID(p.Ed25519, p.MLDSA65)
	in := "\xfftacet/signature/v1" + string(rune(len(testContext))) + testContext + string(id[:]) + string(msg)
	var pq mldsa65.PublicKey
	if err := pq.UnmarshalBinary(p.MLDSA65); err != nil {
		t.Fatal(err)
	}
	ed, ml := sig[:ed25519.SignatureSize], sig[ed25519.SignatureSize:]
	if !ed25519.Verify(p.Ed25519, []byte(in), ed) || !mldsa65.Verify(&pq, []byte(in), []byte("tacet/signature/v1"), ml) {
		t.Fatal("the documented input does not verify")
	}
	if ed25519.Verify(p.Ed25519, msg, ed) || mldsa65.Verify(&pq, msg, nil, ml) || mldsa65.Verify(&pq, []byte(in), nil, ml) {
		t.Fatal("a half is a signature outside its domain")
	}
}

func TestSignPanicsOnContext(t *testing.T) {
	k := fixed(t, "payer-a", 1)
	for _, c := range []string{"", strings.Repeat("x", 256)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("context of %d bytes accepted", len(c))
				}
			}()
			k.Sign(c, nil)
		}()
	}
}

func FuzzVerify(f *testing.F) {
	k := fixed(f, "payer-a", 1)
	msg := []byte("a statement")
	good := k.Sign(testContext, msg)
	f.Add(good, msg, k.public.Ed25519, k.public.MLDSA65)
	f.Add(good[:64], msg, k.public.Ed25519, k.public.MLDSA65)
	f.Add(bytes.Repeat([]byte{0xff}, SignatureSize), msg, make([]byte, 32), make([]byte, mldsa65.PublicKeySize))
	f.Add([]byte{}, []byte{}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, sig, m, ed, pq []byte) {
		p := Public{Name: "payer-a", Ed25519: ed, MLDSA65: pq}
		if p.Verify(testContext, m, sig) != nil {
			return
		}
		same := bytes.Equal(ed, k.public.Ed25519) && bytes.Equal(pq, k.public.MLDSA65)
		if same && (!bytes.Equal(m, msg) || !bytes.Equal(sig, good)) {
			t.Fatal("forgery: a second signature or message verifies")
		}
	})
}
