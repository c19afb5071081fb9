package sum

import (
	"bytes"
	"testing"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// FuzzFrame: any bytes are a frame of either scheme that encodes to the same bytes, or an error.
func FuzzFrame(f *testing.F) {
	r := secagg.Round{Members: []string{"a", "b", "c"}, Threshold: 2, Length: 4, Cap: 1}
	var q secagg.Round
	proofs, err := schemeOf(&q, &bounded.Round{Members: r.Members, Form: bounded.Vector, Length: 4, Bits: 3})
	if err != nil {
		f.Fatal(err)
	}
	for _, x := range []frame{
		hello([32]byte{1}, 2, nil), refusal(true, "over"), {tMessage, secagg.KindKeys, 1, []byte("x")}, {tVector, 0, 2, make([]byte, 32)}, {tFixed, secagg.KindList, 0, make([]byte, statementHead(3)+64)}, {t: tWord},
		{tMessage, secagg.KindObjection, 2, []byte("x")}, {tFixed, secagg.KindTags, 0, make([]byte, statementHead(3)+64)},
	} {
		var b bytes.Buffer
		writeFrame(&b, x)
		f.Add(b.Bytes(), false)
		f.Add(b.Bytes(), true)
	}
	f.Fuzz(func(t *testing.T, in []byte, prove bool) {
		sc, at := scheme(masked{}), r
		if prove {
			sc, at = proofs, q
		}
		x, err := readFrame(bytes.NewReader(in), sc, at)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if writeFrame(&b, x); !bytes.HasPrefix(in, b.Bytes()) {
			t.Error("another form")
		}
		if prove && (x.t == tVector || x.t == tMessage && (x.kind == secagg.KindMasked || x.kind == secagg.KindProposal)) {
			t.Errorf("a frame of type %d, kind %s, has no place where bounds are proven", x.t, x.kind)
		}
	})
}

// FuzzMessage: hostile bytes in the place of any message of a round with proven bounds change nothing at the convener.
func FuzzMessage(f *testing.F) {
	b := bounded.Round{Members: inprocess.Roster(3), Form: bounded.Vector, Length: 2, Bits: 3, Number: 1}
	var r secagg.Round
	sc, err := schemeOf(&r, &b)
	if err != nil {
		f.Fatal(err)
	}
	signed := map[secagg.Kind][]byte{} // the same in every process
	for _, k := range append(bounded.Steps(), secagg.KindObjection) {
		n, err := b.Size(k)
		if err != nil {
			f.Fatal(err)
		}
		body := make([]byte, n)
		if k == secagg.KindObjection {
			body[32], body[33] = byte(secagg.KindCommit), byte(bounded.NotProven) // of m00
		}
		signed[k] = secagg.Sign(inprocess.Signatures("m01"), k, r, "m01", body).Bytes()
		if _, err := sc.open(inprocess.Signatures("m00"), r, k, "m01", signed[k]); err != nil {
			f.Fatal(err)
		}
		f.Add(byte(k), signed[k])
		f.Add(byte(k), signed[k][:len(signed[k])-1])
	}
	f.Fuzz(func(t *testing.T, kind byte, raw []byte) {
		k := secagg.Kind(kind)
		if sc.size(r, k) == 0 || bytes.Equal(signed[k], raw) {
			return
		}
		if m, err := sc.open(inprocess.Signatures("m00"), r, k, "m01", raw); err == nil {
			t.Errorf("%s of %s, which nobody signed", m.Kind, m.Member)
		}
	})
}
