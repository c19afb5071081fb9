// Package mhe is the multiparty homomorphic encryption of a run: approximate arithmetic on real slots (CKKS) under a key that exists only as
// the sum of one share per payer. It is the only package that imports the lattice library.
package mhe
