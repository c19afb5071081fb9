package mhe

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// decoder is one way in for a peer's bytes: a valid object and a fresh receiver of it.
type decoder struct {
	name  string
	valid []byte
	read  func(io.Reader) error
	again func() []byte // the object written anew from what was read; nil where it is not kept
}

// tiny is the smallest ring of the library: the same code and shapes, in kilobytes.
func tiny(t testing.TB) *network {
	s, err := Lookup("toy")
	must(t, err)
	s.LogN = 4
	c, err := NewContext(s, 2)
	must(t, err)
	n := &network{t: t, c: c, rot: []Rotation{{1, 3}}}
	for i := range 2 {
		p, err := c.newParty(n.ref, n.rot, seed("payer", i))
		must(t, err)
		n.parties = append(n.parties, p)
	}
	return n
}

// decoders builds every object once.
func decoders(t testing.TB) []decoder {
	n := tiny(t)
	one := n.each(n.c.RoundOneSize(n.rot), func(p *Party, w *bytes.Buffer) error { return p.KeyRoundOne(w) })
	sum := func() *KeySum {
		k := n.c.NewKeySum(n.ref, n.rot)
		for _, b := range one {
			if err := k.AddRoundOne(bytes.NewReader(b)); err != nil {
				panic(err) // called from fuzz targets, where t is not theirs
			}
		}
		return k
	}
	two := n.each(n.c.RoundTwoSize(), func(p *Party, w *bytes.Buffer) error { return p.KeyRoundTwo(sum(), w) })
	k := sum()
	for _, b := range two {
		must(t, k.AddRoundTwo(bytes.NewReader(b)))
	}
	keys, err := k.Keys()
	must(t, err)
	n.keys, n.e = keys, n.c.NewEvaluator(keys)
	var input, refresh, decrypt, written bytes.Buffer
	v := make([]float64, n.c.set.Slots())
	must(t, n.parties[0].Input(0, v, &input))
	ct := n.c.newCiphertext(n.c.set.TopLevel(), false)
	ct.ct.Value[1] = n.c.publicQ(n.ref, n.c.set.TopLevel(), "test")
	q := RefreshRequest{Ciphertext: ct, High: true}
	must(t, n.parties[0].Refresh(q, &refresh))
	h := n.c.newCiphertext(4, true)
	h.ct.Value[1] = n.c.publicQ(n.ref, 4, "test")
	must(t, n.parties[0].Decrypt(0, h, &decrypt))
	_, err = h.WriteTo(&written)
	must(t, err)

	var in *InputSum
	var read *Ciphertext
	return []decoder{
		{"round one", one[0], func(r io.Reader) error { return n.c.NewKeySum(n.ref, n.rot).AddRoundOne(r) }, nil},
		{"round two", two[0], func(r io.Reader) error { return sum().AddRoundTwo(r) }, nil},
		{"input", input.Bytes(), func(r io.Reader) error {
			in = n.c.NewInputSum(n.ref, 1)
			return in.Add(0, r)
		}, func() []byte {
			var b bytes.Buffer
			wr := n.c.newWriter(&b, n.c.inputFrame(n.ref, 0), 0)
			wr.poly(n.c.moduli(n.c.set.MaxLevel(), false), in.sum[0].c0.polys[0].Coeffs...)
			return b.Bytes()
		}},
		{"refresh", refresh.Bytes(), func(r io.Reader) error { return n.c.NewRefreshSum(n.ref, q).Add(r) }, nil},
		{"decrypt", decrypt.Bytes(), func(r io.Reader) error { return n.c.NewDecryptSum(h).Add(r) }, nil},
		{"ciphertext", written.Bytes(), func(r io.Reader) (err error) {
			read, err = n.c.ReadCiphertext(r, 4, true)
			return err
		}, func() []byte {
			var b bytes.Buffer
			read.WriteTo(&b)
			return b.Bytes()
		}},
	}
}

// TestRefusals: each object is accepted in one form only, and every other is refused with its reason.
func TestRefusals(t *testing.T) {
	for _, d := range decoders(t) {
		t.Run(d.name, func(t *testing.T) {
			must(t, d.read(bytes.NewReader(d.valid)))
			if d.again != nil && !bytes.Equal(d.again(), d.valid) {
				t.Error("written anew it differs")
			}
			edit := func(at int, b ...byte) []byte {
				x := bytes.Clone(d.valid)
				copy(x[at:], b)
				return x
			}
			body := headerSize
			if d.name == "ciphertext" {
				body += scaleSize
			}
			for _, c := range []struct {
				name, want string
				data       []byte
			}{
				{"nothing", "truncated", nil},
				{"half a header", "truncated", d.valid[:20]},
				{"header alone", "truncated", d.valid[:headerSize]},
				{"half", "truncated", d.valid[:len(d.valid)/2]},
				{"one byte short", "truncated", d.valid[:len(d.valid)-1]},
				{"one byte more", "bytes after its end", append(bytes.Clone(d.valid), 0)},
				{"twice", "bytes after its end", append(bytes.Clone(d.valid), d.valid...)},
				{"residue not below q", "residue not below its modulus", edit(body, 255, 255, 255, 255, 255, 255, 255)},
				{"last residue not below q", "residue not below its modulus", edit(len(d.valid)-4, 255, 255, 255, 255)},
				{"magic", "not a lattice object", edit(0, 'X')},
				{"version", "other version", edit(4, 9)},
				{"type", "other type", edit(5, 99)},
				{"set", "other parameter set", edit(6, 1)},
				{"payers", "other number of payers", edit(7, 3)},
				{"level", "other level", edit(8, 77)},
				{"level up", "other level", edit(8, 255, 255)},
				{"rows", "other number of polynomials", edit(10, 99)},
				{"reserved", "reserved", edit(12, 1)},
				{"length", "other length", edit(16, 255, 255, 255, 255, 255, 255, 255, 255)},
				{"tag", "other run, label or index", edit(30, ^d.valid[30])},
			} {
				err := d.read(bytes.NewReader(c.data))
				if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: %v, want %q", c.name, err, c.want)
				}
			}
			// an error of the transport is not the peer's fault
			err := d.read(io.MultiReader(bytes.NewReader(d.valid[:100]), broken{}))
			if err == nil || errors.Is(err, ErrMalformed) {
				t.Errorf("broken transport: %v", err)
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestScaleRefusals(t *testing.T) {
	for _, d := range decoders(t) {
		if d.name != "ciphertext" {
			continue
		}
		for _, at := range []int{15, 17, 18, 19, 23} {
			x := bytes.Clone(d.valid)
			x[headerSize+at] ^= 0x81
			err := d.read(bytes.NewReader(x))
			if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "scale") {
				t.Errorf("scale byte %d: %v", at, err)
			}
		}
	}
}

func fuzzDecoder(f *testing.F, name string) {
	for _, d := range decoders(f) {
		if d.name != name {
			continue
		}
		f.Add(d.valid)
		f.Add(d.valid[:headerSize])
		f.Add(d.valid[:len(d.valid)-1])
		f.Add(append(bytes.Clone(d.valid), 0))
		f.Fuzz(func(t *testing.T, data []byte) {
			if err := d.read(bytes.NewReader(data)); err != nil {
				if !errors.Is(err, ErrMalformed) {
					t.Fatalf("refused without a reason: %v", err)
				}
				return
			}
			if len(data) != len(d.valid) || !bytes.Equal(data[:headerSize], d.valid[:headerSize]) {
				t.Fatal("accepted in another form")
			}
			if d.again != nil && !bytes.Equal(d.again(), data) {
				t.Fatal("written anew it differs")
			}
		})
	}
}

func FuzzRoundOne(f *testing.F)   { fuzzDecoder(f, "round one") }
func FuzzRoundTwo(f *testing.F)   { fuzzDecoder(f, "round two") }
func FuzzInput(f *testing.F)      { fuzzDecoder(f, "input") }
func FuzzRefresh(f *testing.F)    { fuzzDecoder(f, "refresh") }
func FuzzDecrypt(f *testing.F)    { fuzzDecoder(f, "decrypt") }
func FuzzCiphertext(f *testing.F) { fuzzDecoder(f, "ciphertext") }
