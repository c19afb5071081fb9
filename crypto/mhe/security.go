package mhe

import "fmt"

// limit128 is, per log2 of the ring dimension, the largest log2(QP) with 128 bits of classical security for uniform ternary secrets
// and an error of σ ≈ 3.2.
//
//   - guidelines: Bossuat et al., "Security Guidelines for Implementing Homomorphic Encryption" (IACR ePrint 2024/463), table of maximal
//     moduli, ternary secrets, classical;
//   - standard: Albrecht et al., "Homomorphic Encryption Standard" (HomomorphicEncryption.org, 2018; ePrint 2019/939), table 1. It stops at
//     2^15.
//
// A set must satisfy the stricter of the two.
var limit128 = map[int]struct{ guidelines, standard int }{
	10: {26, 27},
	11: {53, 54},
	12: {106, 109},
	13: {214, 218},
	14: {430, 438},
	15: {868, 881},
	16: {1747, 0},
	17: {3523, 0},
}

// SecurityBits is the computational security against classical attacks that the published tables grant to the set: 128, or 0 when the set
// is marked insecure or lies beyond a table's limit.
func (s Set) SecurityBits() int {
	if s.Insecure || s.checkSecurity() != nil {
		return 0
	}
	return 128
}

// checkSecurity says why a set is not covered by the tables.
func (s Set) checkSecurity() error {
	limit, ok := limit128[s.LogN]
	if !ok {
		return fmt.Errorf("parameter set %s: no published limit for ring dimension 2^%d", s.Name, s.LogN)
	}
	most := limit.guidelines
	if limit.standard != 0 && limit.standard < most {
		most = limit.standard
	}
	if got := s.LogQP(); got > most {
		return fmt.Errorf("parameter set %s: log2(QP) = %d exceeds %d, the published limit of 128-bit security at ring dimension 2^%d", s.Name, got, most, s.LogN)
	}
	return nil
}
