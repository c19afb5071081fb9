package predicate

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// polys holds composite minimax sign polynomials: a list of odd polynomials in the Chebyshev basis, applied
// one after the other, as decimal strings. See doc.go, "Sign polynomials"; sign_test.go re-derives the errors.
//
//go:embed polys/*.json
var polys embed.FS

// composite is a composite sign polynomial whose last member is halved: its value + ½ is a bit.
type composite struct {
	parts []*mhe.Polynomial
	hash  [32]byte // of all coefficients
}

// signData says which polynomial separates which span [2^−alpha, 1], and whether a cleaning at the working
// scale follows.
var signData = map[int]struct {
	file  string
	clean bool
}{21: {"polys/a21_d27.json", false}, 26: {"polys/a26_d30.json", true}}

// cleanerCoeffs is x·(35 − 35x² + 21x⁴ − 5x⁶)/16 in the Chebyshev basis, exactly: it takes ±1+ε to ±1 with an
// error of about (35/8)·ε⁴ (Cheon, Kim, Kim, ASIACRYPT 2020, f₃).
var cleanerCoeffs = []string{"0", "1.1962890625", "0", "-0.2392578125", "0", "0.0478515625", "0", "-0.0048828125"}

// cleaner is that polynomial, halved, for the last stage.
var cleaner = sync.OnceValues(func() (*mhe.Polynomial, error) {
	p, err := mhe.NewPolynomial(cleanerCoeffs)
	if err != nil {
		return nil, err
	}
	return p.Half(), nil
})

var signCache sync.Map // alpha → *composite

// signOf loads the polynomial of a precision.
func signOf(alpha int) (*composite, error) {
	if c, ok := signCache.Load(alpha); ok {
		return c.(*composite), nil
	}
	data, ok := signData[alpha]
	if !ok {
		return nil, fmt.Errorf("no sign polynomial for a precision of %d bits", alpha)
	}
	raw, err := polys.ReadFile(data.file)
	if err != nil {
		return nil, err
	}
	var more [][]string
	if data.clean {
		more = append(more, cleanerCoeffs)
	}
	c, err := parseComposite(raw, more...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", data.file, err)
	}
	signCache.Store(alpha, c)
	return c, nil
}

// parseMembers reads a list of odd polynomials, strictly.
func parseMembers(raw []byte) ([][]string, error) {
	var text [][]string
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&text); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("trailing data")
	}
	if len(text) == 0 {
		return nil, fmt.Errorf("no polynomial")
	}
	for i, coeffs := range text {
		for k, s := range coeffs {
			if k%2 == 0 && s != "0" {
				return nil, fmt.Errorf("polynomial %d: coefficient %d does not belong to an odd polynomial", i, k)
			}
		}
	}
	return text, nil
}

// parseComposite reads the data, appends more, and halves the last polynomial.
func parseComposite(raw []byte, more ...[]string) (*composite, error) {
	text, err := parseMembers(raw)
	if err != nil {
		return nil, err
	}
	text = append(text, more...)
	canonical, err := json.Marshal(text)
	if err != nil {
		return nil, err
	}
	c := &composite{hash: sha256.Sum256(canonical)}
	for i, coeffs := range text {
		p, err := mhe.NewPolynomial(coeffs)
		if err != nil {
			return nil, fmt.Errorf("polynomial %d: %w", i, err)
		}
		if i == len(text)-1 {
			p = p.Half()
		}
		c.parts = append(c.parts, p)
	}
	return c, nil
}

// depths are the levels that the polynomials use up, in order.
func (c *composite) depths() []int {
	d := make([]int, len(c.parts))
	for i, p := range c.parts {
		d[i] = p.Depth()
	}
	return d
}
