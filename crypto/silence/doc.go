// Package silence lets the members of a room say things, and vote, so that nobody can tell who did: anonymous statements and sealed ballots through
// sums of vectors (crypto/secagg).
//
// # A sitting
//
// A Sitting names its members; all of them take part in every round to its end (threshold = N), or the round ends without anything opened. It has two
// rounds, each a sum of vectors of slots, in which every slot is a few 32-bit words:
//
//	reserve   every member, whether it will speak or not, puts a fresh one-time Ed25519 key with a checksum into a slot chosen at random
//	speak     the keys, in the order of their slots, are the slots of this round; every member fills the slot of its own key with a length, a text
//	          padded to MaxText and a signature with that key; who has nothing to say signs an empty text
//
// The sum of the first is the list of keys; exactly as many as members, or the round says ErrCollision (two chose one slot; all hold it again with new
// keys and new slots, under the next attempt) or ErrJammed (more keys than members, or a slot nobody can have filled honestly). The sum of the second is
// the statements. A statement has no author; the order of the slots is random.
//
// So a member has one statement a sitting, and one ballot a vote: a second one needs a second key, and N + 1 keys end the sitting. Nobody needs to
// know who to hold somebody to that. Whether a member speaks changes no length, no number and no order of messages, and no branch on which a
// message depends (see the test of shape).
//
// # What holds, exactly
//
// The anonymity set is all members who do not collude, out of those present; a page shows who is present, since nobody knows who colludes. With h ≥ 2
// honest members the convener and all others learn the multiset of the honest members' slots and nothing else about who filled which: of each
// honest member they hold its vector under a mask it shares with another honest member. With h = 1 the sum over the honest is one member's vector:
// N − 1 colluding members subtract their own from the sum and have it. No protocol prevents that, and they learn nothing beyond it: what the masked
// message gives them is that difference, to the bit (crypto/secagg, TestColludersLearnTheSum, has both cases).
//
// Not hidden: that somebody spoke, how many, and what a text itself gives away. Across sittings with different members a statement that appears only
// when somebody is present points there; so a statement belongs to one sitting, and a new sitting asks its member again.
//
// # What a member can spoil
//
// A member can fill others' slots with noise. That is seen (checksum, signature) and not attributed: the sitting is void, nothing false is read. It
// cannot change a statement or a ballot into another, whose signature it would have to guess. The one-time keys authenticate for the minutes of a
// sitting; anonymity rests on the sums alone, which are hybrid post-quantum.
//
// # Filter
//
// Filter refuses, at the sender and before anything is sent, prices, percentages and names of plans. It is a guard against slips of honest people, who
// agreed on it, not against somebody who wants to get round it. Only a percentage can be one of a quality measure and be sent anyway (Refusal.Final).
//
// # Ballots
//
// A ballot is one option by number or none. The tally counts the slots: turnout is public, a ballot is nobody's, an invalid one counts as such. A voter
// could keep its one-time key and show it to somebody: there is no protection against a voter who wants to prove its vote.
package silence
