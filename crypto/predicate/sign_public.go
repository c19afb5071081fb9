package predicate

import "github.com/tacet-health/tacet/crypto/mhe"

// SignPolynomials are the members of the composite that the circuit evaluates for sets of an alpha, in order: public data, like the
// circuit. An attacker knows them; testnet/attack uses them to read what an opened refresh shows.
func SignPolynomials(alpha int) ([]*mhe.Polynomial, error) {
	s, err := signOf(alpha)
	if err != nil {
		return nil, err
	}
	return append([]*mhe.Polynomial(nil), s.parts...), nil
}
