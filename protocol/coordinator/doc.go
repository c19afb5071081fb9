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
// Before anybody is told of a statement it is in the board's record, fsynced, and
// before a payer is told that its object has arrived the object's file is. The
// convener's own commits are in its journal before they are relayed. So a convener
// that dies at any instruction goes on when it is started again on the same
// folder: it reads the record (verifying every signature again) and the objects
// (hashing every byte again), goes through the run from its first step, computes
// every state again and holds it against what it has signed. It holds no key share
// and has no secret: what it says twice is the same statement, and the object of
// certify, a signature, is taken from its file. Payers reconnect, say again what
// they have said, and get the whole relay.
//
// A convener whose journal is older than its board or than what payers hold finds
// its own statements there and ends the run (void, restored). One that died behind
// its own end serves the board for payers that have not finished, and then the
// node brings the end into the log. With Config.Durable the end of ctx is such a
// stop too.
//
// Deadlines run anew in each life; those of the payers go on meanwhile, and bound
// how long a convener may be away.
//
// One run at a time uses an endpoint's services "run/commit", "run/put" and
// "run/get".
//
// What hostile payers and conveners do, and the tests that show what comes of it, is listed in package party.
package coordinator
