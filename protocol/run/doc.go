// Package run is one joint computation as a state machine: what a member does
// when, and when it must not.
//
// # Steps
//
// A run is a uniform sequence of steps:
//
//	prepare    commit to the salted hash of the vector; no object
//	keys-1     relinearisation key round one and all rotation key shares
//	keys-2     relinearisation key round two
//	input      encrypted inputs
//	refresh-k  for each refresh stage of the plan: refresh shares
//	result     no object: agree on the result ciphertexts
//	release    decryption shares, sealed to each recipient
//	certify    recipients only: agree on the table, sign the certificate
//
// In each step every member – all payers and the convener – first computes the
// state it has reached by itself and signs a [wire.Commit]: the transcript of
// all steps before, the hash of that state, and hash and size of the object it
// is going to reveal (the convener has none, except its signature in certify
// when it is a recipient). Only when the commits of all of them are there and
// agree on transcript and state does a payer reveal its object, and everybody
// fetches and adds up everybody's. Then the next step begins.
//
// # What follows from it
//
//   - No share on a ciphertext that one did not compute: the state covers the
//     very ciphertexts the shares are made on, and one differing member,
//     the convener included, stops all of them before the first share leaves.
//   - No rushing: whoever sees the others' objects of a step is bound to its own
//     by then, so it cannot choose a key share or an input to fit. Two members
//     that announce the same object end the run: nobody counts another's input
//     twice by copying it.
//   - Evidence by construction: a member that differs has signed so. Two commits
//     of one member for one step, or two commits of a step with different
//     state or transcript, are kept verbatim and named in the void.
//   - One history: the transcript chains all commits in payer order, so a convener
//     that shows different commits to different payers is found in the next step.
//   - One share: a machine signs one commit for a step and asks for one upload. A
//     machine that is told Resumed, in a member's later life, says and shows the
//     same bytes again in the steps that the journal has, and begins no other step
//     before it has heard of all that it ever said (Told).
//
// # End
//
// A run ends certified, with the verified signatures of all recipients over the
// [Statement], or void, with a code and a sentence made of names and steps.
// Anybody who takes part can end a run; when a deadline passes, those waited for
// are named. Dropping a payer and going on is not part of this version of the
// protocol: a payer that is missing before the keys exist ends the run as well.
// Members may end differently when the last signatures reach only some of them;
// two that are certified hold the same transcript and, when one recipient is
// honest, the same table. A table is as good as the recipients that had to agree
// on it: a sole recipient's is its word, and if it signs two, those are the
// evidence and the log takes one.
//
// # Machine
//
// [Machine] decides and does nothing else: no clock, socket, randomness, or
// goroutine. [Machine.Apply] takes an [Event] and returns [Work]. The same events
// give the same work, bit for bit; testdata holds such transcripts to be read as
// stories. Package driver carries the work out, package lockstep computes,
// package objects keeps the files.
package run
