// Package room holds a sitting of a silent room, or a sealed vote, over the link: the rounds of crypto/silence as rounds of package sum. It knows nothing of
// logs; what authorises a sitting and what becomes of its result is the caller's.
//
//	convener   res, err := Hold(ctx, Hosting{Host, Config, Accept …})
//	member     res, err := Take(ctx, Part{Endpoint, Config, Text, Opening, Word …})
//
// Everybody builds the same silence.Sitting; its ID names one attempt and is never used twice. All its members take part in every round to its end: a
// round that one of them leaves is over, and so is the sitting (ErrOver). Then nothing was opened, or everything: a member's Opening is called, once, before
// anything leaves it that could open its statement, whether it has one or not. Before that the caller may have the statement said in another sitting; behind
// it only when what came out is known not to hold it. Collisions are seen by all alike and held again, MaxReserves times.
//
// A member has no secret of a sitting on disk: one that crashes cannot go on with it. It may Take it again on the same folder: it speaks in no round that it
// had begun, and reads what came out if the others were through. The convener goes on on the same folder.
//
// What leaves a member is the same, message for message and byte for byte, whether it has something to say or not, and depends on nothing else than what the
// others sent (its name is in its messages, and as long as it is): a test counts the bytes at the sockets of speakers and of those who are silent.
package room
