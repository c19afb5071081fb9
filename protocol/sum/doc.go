// Package sum holds rounds of secure aggregation (crypto/secagg, and with proven bounds crypto/secagg/bounded) over the link: the convener passes signed messages on and counts, a member keeps a journal,
// recovers the sum itself, and goes on after a crash. It knows nothing of logs and measures: run kind aggregate, the silent room and sealed ballots all hold
// their rounds here.
//
// # To hold a round
//
//	convener   h := NewHost(endpoint)            once for an endpoint: it answers the service "sum/round" for all rounds
//	           out, err := h.Hold(ctx, Holding{Keys, Members, Round, Dir, …})
//	member     out, err := Take(ctx, Part{Keys, Members, Endpoint, Convener, Round, Dir, Vector, …})
//
// Both sides build the same secagg.Round from what has authorised the sum; Round.Manifest names it, and no two rounds on one host have the same (for the two
// rounds of a sitting of the silent room: hash the sitting with "reserve" and "speak"). Round.Number stays 0: the host counts. Hold and Take return the same
// Outcome.Sum and Outcome.Transcript. Who wants everybody to stay to the end sets Round.Threshold to the number of members: then nobody may drop, and there
// is no Grace. Word is for what members say about the outcome (a recipient's signature of the certificate); the host hands it to Accept.
//
// # Two protocols of steps
//
// What members say is secagg's (masked.go), or where Proven is set package bounded's (proven.go): keys, report, preparation, commitment, tags, opening. Everything
// else here – streams, sets, statements, journals, attempts, evidence – is the same for both. Where bounds are proven there are no vectors beside the messages
// and no list, nobody may drop, and "list" below is "tags": what a member binds itself to, and what no other attempt may follow.
//
// A member that sees another not keep to the protocol of bounded sends an objection in place of its step: signed, with whom it names for what. What it was shown
// is kept in its evidence, for anybody to judge (bounded.Judge); the convener judges fixed sets itself. Then the others are heard for as long as Grace, 10
// seconds at most, and the round is over, not only the attempt: the reason says what of whom, and who says so. Nothing was opened.
//
// # Stream
//
// One stream of each member to the convener, frames both ways:
//
//	type 1 | kind 1 | member 1 | length 4 (big endian) | payload
//
//	hello      member: manifest 32, number 0; convener: manifest 32, the number at hand, its statement that this attempt is begun
//	message    kind and member (its place in the roster, 255 the convener), a signed message of secagg
//	vector     member, the masked vector, exactly 8 bytes an element
//	fixed      kind, the convener's statement that these are the messages of the set. Only fixed sets are passed on, so that everybody sees the same
//	refused    kind 0: this attempt is over, come again; kind 1: the round is; a sentence
//	word       member: it has the sum, and what it says about it; perhaps nothing
//
// The convener pushes keys, shares, masked, its proposal, lists, then vectors and reveals, always from the first: a member that connects again sees the whole
// attempt again, and sends all that it has said again. Every member sends the same messages with the same sizes whatever is in its vector.
//
// # Dropouts, attempts
//
// Keys must come from everybody. From then on a set is fixed when it is complete, or when Grace has passed with at least a threshold there, or else the
// attempt is over at Deadline. An attempt that ends before a set of lists is fixed is followed by another one with a higher number and new keys, Attempts in all;
// behind it members may have given their reveals, and a second sum over other members would be one member's vector: then the round is over.
//
// # Journal of a member
//
//	history          the last number begun, and whether Reveal was said: durable before the message leaves
//	N/record.sealed  seed and vector of attempt N, sealed by Sealing; durable before its first message exists
//	N/KIND.message   what was said; durable before it is sent
//	N/masked.vector  the masked vector
//	N/KIND.set       the convener's statement about a set, N/proposal.shown its list: durable before this member acts upon them
//	evidence/refused-N/KIND.MEMBER   what it was shown before it objected
//	evidence/…       what convicts the convener, or two messages of one author that contradict each other
//
// A crash before a file of a step: nothing of it has left, and the same seed gives the same message. Behind it: the very bytes go out again. A message that
// would differ, or a set that holds a message of this member which the journal has not, ends its part (ErrRestored: the folder is a copy from before).
// Before Reveal a member puts the list on record through Bind, once for a manifest: a copy from before Reveal with the history gone is found there. Without
// Sealing a member that comes back takes no part in an attempt it had begun; it watches, and recovers the sum with the others. The
// record is erased when the outcome is there, and when an attempt is given up.
//
// # Evidence
//
// The convener signs that an attempt is begun, and every set with the hashes of the messages in it. So it has signed its lie, and Convicts shows that to anybody
// with the members' keys: two sets of one kind, two lists, a set with a message that its author has not sent (a key of the convener's own, a message of another
// round), a set of keys with fewer members than the roster, an attempt behind the lists of another. What one member sees it keeps in its evidence (ErrConvicted).
// Where two members were shown different things, one of them notices that they do not fit, and each has the statement it was shown: the two together are the
// evidence. Without a signature of the convener nothing is acted upon.
//
// # Convener
//
// It has no secret. Messages and vectors are files before anybody is told of them, sets are fixed in a file first: it dies at any instruction and goes on on the
// same folder. It can stop a round, and nothing else that secagg does not refuse. It checks signature, form and size of what it takes.
//
// The vectors of all members are in memory at once, at both ends: 8 bytes × elements × members.
package sum
