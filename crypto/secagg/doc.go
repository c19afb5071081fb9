// Package secagg adds the members' integer vectors modulo 2^64 so that nobody sees more than the sum: secure aggregation after Bonawitz et al.
// ("Practical secure aggregation for privacy-preserving machine learning", CCS 2017), for rosters that an authorisation fixes.
//
// # A round
//
//	keys      every member: two X-Wing public keys (X25519 and ML-KEM-768) of this round, of masks and of boxes, and the commitment to the
//	          seed of its own mask
//	shares    the hash of all keys messages; an encapsulation to each other member, and Shamir shares of its two secrets – the seed of its mask
//	          key, the seed of its own mask – in a box for each, with a commitment to every share
//	masked    vector + own mask + Σ of the masks it shares with each other member, one sign at one end, the other at the other
//	list      who is present and who dropped, as the convener proposes it; signed by those present, who were shown all masked messages
//	reveal    of those present the share of the own mask, of those dropped the share of the key, never both
//
// Boxes have keys of their own, which nobody shares out: the key that is opened when a member drops must not open the boxes with the shares of
// its own mask. A pair's mask is keyed with both encapsulations between the two, bound to round, roster and manifest (Round.ID). Masks are AES-256-CTR key streams.
// With a threshold of reveals anybody computes the sum (Recover); every member does so itself. The vector travels once, 8 bytes an element.
//
// A member says Reveal once for a manifest (History): the sum with somebody and the sum without are, together, that somebody's vector. A round
// that ended before its reveals is held again under a higher Number.
//
// # What holds
//
// A convener that colludes with c members learns the sum over the honest members' vectors and nothing else when c ≤ 2·threshold − N − 1
// (Round.Tolerates): c members cannot open a mask, and no two different lists can both gather a threshold of signatures of members who sign one.
// The threshold is more than half; with threshold = N nobody may drop, and all but one may collude – then the "sum over the honest" is
// one member's vector minus nothing: no protocol hides a summand from all other summands.
//
// Never a wrong sum: everything is signed and hashed into what follows; a secret that is put together again must be the one its owner was bound to
// in the first step, every encapsulation of a dropped member is made again and compared; shares that are not those their holders were dealt are
// passed over; what does not fit is an error. An element of the sum beyond members × Cap is refused; a member that lies within the
// bound about its own vector is not noticed here.
//
// A list has one entry for a member, so nobody can be present and dropped in it; two lists of one convener, two messages of one kind of one member
// are evidence (Conflict). A member does every step once (ErrOrder). Its secrets are in memory only, and follow from one seed: who has kept
// that, sealed, and what it has said goes on after a crash (Resume; package protocol/sum does); for others it has dropped, and the round ends without
// it or is held again under another Number.
// A member that deals bad shares ends the round for everybody it dealt them to (they name it); that is denial of service, by a member with a name.
//
// Commitments are hashes and not group elements (Feldman), so that what is recorded today stays hidden from a quantum computer tomorrow.
package secagg
