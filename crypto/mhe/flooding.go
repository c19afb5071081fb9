package mhe

import (
	"math/bits"
)

// What flooding has to hide. A decryption share is c1·s + F with F uniform of floodBits bits a coefficient. Together with everything else
// that is public it opens m + E + ΣF, where m is the released vector and E the noise that the evaluation left: approximation errors of the
// polynomials and encryption noise, which depend on the payers' data and keys. The release is m; E must stay hidden.
//
// Counting one honest payer only, the distance of E_i + F_i from F_i is at most |E_i|/2^floodBits for each coefficient, so for a ciphertext
// at most Σ|E_i|/2^floodBits, and it adds up over ciphertexts. logMeanNoise of a set bounds log2 of the mean |E_i|. It holds whenever every
// slot of the result is within δ = 2^−69.5 of exact: Σ_j δ_j² = N·E_0² + 2N·Σ E_i² over the slots, so ‖E‖₂ ≤ δ·2^LogHigh in coefficients,
// ‖E‖₁ ≤ √N·‖E‖₂, and the mean is at most 2^(LogHigh − 69.5 − LogN/2) = 2^17 (2^27 for wide). Measured: 2^10.4 for the release circuit over
// 256 adversarial cells, 2^13.8 with weights up to 100 in every slot (TestLastStage).

// floodBits is the width of one payer's flooding: the widest for which ten standard deviations of the sum of all payers' noise stay below
// a quarter in every slot. A slot is a sum a_0 + Σ 2·a_i·cos of N coefficients: variance 2N·payers·2^(2·bits)/12.
func (c *Context) floodBits() int {
	// 100 · 2N·payers·2^(2b)/12 ≤ 2^(2·LogHigh − 4)
	load := uint64(100*2*c.payers) << c.set.LogN / 12
	return (2*c.set.LogHigh - 4 - bits.Len64(load)) / 2
}

// StatisticalBits is the statistical security of releasing a number of result ciphertexts: −log2 of the distance that one honest payer's
// flooding leaves between what everybody sees and what the released values alone imply. The certificate states it.
func (c *Context) StatisticalBits(ciphertexts int) int {
	if ciphertexts < 1 {
		ciphertexts = 1
	}
	return c.floodBits() - c.set.logMeanNoise - c.set.LogN - bits.Len(uint(ciphertexts-1))
}

// StatisticalBits is Context.StatisticalBits for 64 ciphertexts, for planning before a context exists.
func (s Set) StatisticalBits(payers int) int {
	return (&Context{set: s, payers: payers}).StatisticalBits(64)
}
