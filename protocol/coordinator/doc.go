// Package coordinator is the convener's side of one run: the relay of signed
// statements, the board of objects, and its own evaluation.
//
// The convener computes the same states as every payer, with the same code, and
// commits to them; it holds no key share and reveals nothing but its signature
// under the certificate, when it is a recipient. It is not trusted: a payer
// recomputes everything and checks every signature and hash.
//
// # Relay
//
// A statement of a payer is relayed verbatim to everyone, in one order, when it
// comes over that payer's own link, is signed by it and belongs to this run. Of
// one member at most two different commits a step are passed on: two are enough
// to show that it contradicts itself. A payer that connects again gets the whole
// relay from its beginning, and behind what there is at that moment a second
// hello: what it has not heard of itself by then, it has not said.
//
// # Board
//
// An object is accepted only from the member whose commit announces it, with
// exactly the announced size, and becomes visible when its hash is right and
// the file durable. A crash before that leaves a file nobody reads. Everything
// on the board is public to the run's members; the sealed shares are sealed. The
// board's files are deleted when the run has ended for everyone, or the linger
// time is over.
//
// # Restart
//
// The relay is in memory, and a convener that dies does not go on with its run: the
// next life finds the journal, empties the board and tells every payer that
// connects that the run is void (restarted). Payers end with that reason and erase
// their key shares; a new run is needed.
//
// One run at a time uses an endpoint's services "run/commit", "run/put" and
// "run/get".
package coordinator
