// Package lockstep is what every member of a run computes for itself: the
// aggregates of all payers' shares, the circuit stage by stage, and – for a
// payer – its own shares, – for a recipient – the opened table. The convener
// runs the same code without a key share.
//
// A Member is driven step by step: Compute gives the state that the member
// commits to and writes its own object; Absorb adds the object of one payer.
// Nothing here is made by the convener, so a share is only ever computed on
// ciphertexts that this member has computed itself; the state that is compared
// before the share leaves is a hash over exactly these ciphertexts.
//
//	step       state                                   object of a payer
//	prepare    plan, reference string                  – (commitment to the vector)
//	keys-1     the same                                KeyRoundOne
//	keys-2     sum of round one                        KeyRoundTwo
//	input      sum of both rounds                      one Input per ciphertext
//	refresh-k  ciphertexts of stage k                  one Refresh per ciphertext
//	result     result ciphertexts                      –
//	release    the same                                one sealed box per recipient
//	certify    SHA-256 of the table                    signature over the statement
//
// The objects of input and refresh are the ciphertexts' shares one after the
// other; their sizes are fixed by the plan. A sealed box holds the decryption
// shares of all result ciphertexts, HPKE to the recipient with info
// "tacet/release/v1", the manifest's hash and the step, and aad
// "sender|recipient"; the boxes stand in the recipients' order.
//
// The commitment to the vector is SHA-256 over "tacet/vector/v1", the manifest's
// hash, the member's name, 32 random bytes of salt, and the numerators and
// denominators as 8-byte big-endian integers behind their count. The salt stays
// with the member, which may open its commitment in an appeal.
//
// # Second life
//
// A payer that was stopped goes on with its Secrets: the same key share, the
// same salt, the same vector. It computes the states of the past steps again
// from the others' objects and its own, and makes no share in them: the object
// exists. The first step without an object is computed as ever.
//
// # Memory
//
// With Config.Memory the member keeps within a budget (predicate.Plan.Memory), and
// New refuses one that does not hold the run. The payers' objects are added up one
// after the other while they are read, into one aggregate; aggregates and
// ciphertexts wait in Config.Spill when there is no room for them in memory.
//
// A Member is not safe for concurrent use.
package lockstep
