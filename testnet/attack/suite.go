package attack

// suite is the table, in the order of the design's list.
var suite = []Attack{
	{
		Name:    "chosen-c1-refresh",
		Breaks:  "one refresh share on a c1 of the convener's choice is the whole key share",
		Defence: "lockstep: a share only on a ciphertext the member computed itself; all commit to its hash before any share",
		Without: chosenRefresh, With: chosenRefreshRefused,
	},
	{
		Name:    "chosen-c1-decryption",
		Breaks:  "one flooded decryption share on a chosen c1 is the whole key share",
		Defence: "lockstep, step result: the members' result hashes must agree before the release",
		Without: chosenDecryption, With: chosenDecryptionRefused,
	},
	{
		Name:    "swapped-result",
		Breaks:  "the convener has one payer's input opened instead of the result",
		Defence: "lockstep, step result",
		Without: swappedResult, With: swappedResultRefused,
	},
	{
		Name:    "rushing-keys",
		Breaks:  "the payer that chooses its share of round one last makes H0 a constant and reads a key share in round two",
		Defence: "all commit to their objects before any is revealed; an object must have the hash of its commit",
		Without: rushingKeys, With: rushingKeysRefused,
	},
	{
		Name:    "replayed-reference",
		Breaks:  "two inputs on one reference polynomial: their difference has no mask",
		Defence: "reference polynomials bound to manifest, checkpoint, purpose and index; keys of one run alone; an index once",
		Without: replayedReference, With: replayedReferenceRefused,
	},
	{
		Name:    "second-share-after-crash",
		Breaks:  "a payer that makes a share anew after each crash averages its own noise away",
		Defence: "sealed journal: a share is recorded before its commit exists, and never made again; what is shown again are the same bytes",
		Without: shareAfterCrash, With: shareAfterCrashRefused,
	},
	{
		Name:    "second-share-after-restore",
		Breaks:  "a payer on an older journal answers a second time under one key share: on a sum that its first life's share went into, the answer is the key share",
		Defence: "the journal's parts hold each other; the relay shows a member its own commits; and its own words are in the log before each new kind of share (run.bind)",
		Without: shareAfterRestore, With: shareAfterRestoreRefused,
	},
	{
		Name:    "rerun-after-restore",
		Breaks:  "a payer restored to before the run takes part in it again, with everybody else in collusion: one authorisation, two releases",
		Defence: "run.bind: its commitment is in the log, cosigned by every participant, before it has keys; a life that draws another one finds it there",
		Without: rerunAfterRestore, With: rerunRefused,
	},
	{
		Name:    "rerun-on-a-fork",
		Breaks:  "the same, when the payer's copy of the log was put back with the rest, and all other copies of it lie",
		Defence: "none inside the ledger: nothing that this payer can see differs from a world in which the run was never begun",
		Open: "needs a witness that does not go back with the payer's disk and is not in collusion: one honest member whose cosignature it waits for, " +
			"counsel's replica, or a counter in hardware. The two histories contradict each other, in the payer's own signatures, for whoever sees both",
		Without: rerunAfterRestore, With: rerunOnFork,
	},
	{
		Name:    "share-of-another-manifest",
		Breaks:  "an input given for one question is counted in another that its owner declined",
		Defence: "manifest and checkpoint in every tag, commit, sealed box and reference polynomial; keys of one run alone",
		Without: anotherManifest, With: anotherManifestRefused,
	},
	{
		Name:    "malformed-objects",
		Breaks:  "the library's readers die on truncated bytes, panic on a length, count one share twice under other spellings",
		Defence: "own frames: one accepted form, exact length, residues below their modulus, end of stream",
		Without: malformedObjects, With: malformedObjectsRefused,
	},
	{
		Name:    "out-of-range-input",
		Breaks:  "one slot 1 % out of range: wrong figures in the cells of the whole ciphertext are published",
		Defence: "Plan.Check at the owner; every slot of the result must be a whole number in range, or the run is void; no second opening",
		Without: outOfRange, With: outOfRangeRefused,
	},
	{
		Name:    "gates-of-ones-own",
		Breaks:  "one payer lifts the slots in which a cell's disclosure rules are tested: the outcome of a single patient of another payer is released",
		Defence: "none: a payer's slots are not proven to come from one numerator and one denominator",
		Open: "every rule of every cell is tested on a sum of slots that each payer fills as it likes, and nothing after the encoding looks at them. " +
			"Needs a proof of well-formed inputs, or a circuit that computes the forms itself from one numerator and denominator of each payer",
		Without: ownGates, With: ownGatesUnseen,
	},
	{
		Name:    "spoil-and-read",
		Breaks:  "one payer spoils a run with a chosen slot and reads the others' exact sum of a suppressed cell in the opened refresh",
		Defence: "none against the reading; the run is recognised as spoiled and nothing is published",
		Open: "refresh masks leave the top bits of a coefficient uncovered; a slot just outside [-1, 1] blows up to them, as a function of the " +
			"honest sum in that slot. Needs a proof that inputs are in range, before the first nonlinear operation",
		Without: spoilAndRead, With: spoilAndReadRecognised,
	},
	{
		Name:    "forged-refresh-aggregate",
		Breaks:  "a convener that adds up the refresh shares adds one to a gate: a suppressed cell is released",
		Defence: "every member fetches all shares by hash and adds them itself",
		Without: forgedRefresh, With: forgedRefreshRefused,
	},
	{
		Name:    "false-share",
		Breaks:  "one payer adds what it likes in its refresh and decryption shares: it opens a suppressed cell and sets any practice's figure",
		Defence: "none: shares are checked for form and against their commitment, not for being made of the key share",
		Open: "a share is any vector of residues; its error and mask are not proven. Needs a proof with each share; what remains without one is to open " +
			"the key shares of a disputed run, which no other run uses, to somebody who may see its inputs",
		Without: falseShare, With: falseShareUnseen,
	},
	{
		Name:    "stale-certificate",
		Breaks:  "last year's signed table is shown as this run's",
		Defence: "the signed statement names run, manifest, transcript and table",
		Without: staleCertificate, With: staleCertificateRefused,
	},
	{
		Name:    "equivocating-transcript",
		Breaks:  "one member tells two others different things: they publish different tables of one run",
		Defence: "every commit carries the transcript of all commits before, and the table's hash at the end; statements that differ end the run as evidence",
		Without: equivocation, With: equivocationRefused,
	},
	{
		Name:    "sum-present-and-dropped",
		Breaks:  "a convener that has a member present in one list and dropped in another gets two sums: their difference is the member's vector",
		Defence: "a member signs one list of a round and reveals for that list alone; a list has one entry for a member",
		Without: presentAndDropped, With: presentAndDroppedRefused,
	},
	{
		Name:    "sum-different-lists",
		Breaks:  "a convener that shows two halves two lists, with one member that signs both, opens two sums though every honest member signs once",
		Defence: "the threshold: with c in collusion two lists cannot both gather it when c is at most 2·threshold − N − 1",
		Without: differentLists, With: differentListsRefused,
	},
	{
		Name:    "sum-changed-keys",
		Breaks:  "a convener that relays keys of its own plays all other members: the sum is one member's vector",
		Defence: "every message is signed with the key of the member directory; nothing is taken on the relay's word",
		Without: changedKeys, With: changedKeysConvicted,
	},
	{
		Name:    "sum-replayed-round",
		Breaks:  "a convener that holds a round again without one member has both sums: their difference is the member's vector",
		Defence: "a member opens one sum for a manifest (secagg.History); messages are bound to round, number, roster and manifest",
		Without: replayedRound, With: replayedRoundConvicted,
	},
	{
		Name:    "sum-shrunk-roster",
		Breaks:  "a convener that names the roster holds a round of the victim and its own friends",
		Defence: "the roster is the manifest's and bound to every message; all must send keys; more than half must stay",
		Without: shrunkRoster, With: shrunkRosterConvicted,
	},
	{
		Name:    "sum-late-vector",
		Breaks:  "a member that the list has dropped was only slow: the others have opened its pairwise masks, and its vector comes",
		Defence: "a mask of its own, of which a member opens shares for one list alone, and never together with the shares of the pairwise masks",
		Without: lateVector, With: lateVectorRefused,
	},
	{
		Name:    "sum-link-lists",
		Breaks:  "over the link, a convener shows two halves two sets of masked vectors and two lists; with one member in collusion both sums open",
		Defence: "the threshold; the convener has signed both sets and both lists, and two members' journals beside each other convict it",
		Without: listsOverLink, With: listsOverLinkRefused,
	},
	{
		Name:    "sum-link-sets",
		Breaks:  "over the link, a convener hides one member's shares from another: masks do not cancel, and everybody ends with a wrong sum",
		Defence: "every member signs what it was shown into its next message; the convener has signed both sets",
		Without: differentSets, With: differentSetsRefused,
	},
	{
		Name:    "sum-link-held-again",
		Breaks:  "over the link, a convener says after everybody has started again that the round has failed, and holds it again without one member",
		Defence: "a member's journal has that it opened a sum; the convener has signed the lists of the first attempt and the beginning of the second",
		Without: heldAgainAfterRestart, With: heldAgainRefused,
	},
	{
		Name:    "sum-link-restored",
		Breaks:  "over the link, three members are restored from a backup made before they opened a sum, and sign and open another list of the same attempt",
		Defence: "before it opens a list a member puts it on record outside its reach (run.bind in the log), once for a manifest",
		Without: restoredMembers, With: restoredMembersRefused,
	},
	{
		Name:    "sum-out-of-range",
		Breaks:  "a member that runs a program of its own puts what it likes into a sum: it comes out wrong, within the bound of the whole, and nobody can tell",
		Defence: "where the manifest asks for it, a proof that every element is in range, verified by every other member (crypto/secagg/bounded)",
		Without: overstated, With: overstatedRefused,
	},
	{
		Name:    "room-name-the-speaker",
		Breaks:  "convener and one member open a silent room with and without somebody: the difference is what it said",
		Defence: "a sitting's threshold is all its members: one list, of everybody, or nothing opens",
		Without: speakerNamed, With: speakerHidden,
	},
	{
		Name:    "room-order-of-slots",
		Breaks:  "where slots follow the roster, everybody reads off who spoke; the convener and all members but two want to know which of the two it was",
		Defence: "slots are drawn at random for one-time keys, and only sums are seen: what the colluders hold is the sum minus their own",
		Without: slotsInOrder, With: slotsAtRandom,
	},
	{
		Name:    "room-traffic",
		Breaks:  "where only those send who have something to say, the list of those present names them",
		Defence: "everybody sends the same messages of the same size in every sitting, and all must stay to the end",
		Without: onlySpeakersSend, With: everybodySends,
	},
	{
		Name:    "room-two-ballots",
		Breaks:  "a member of a silent room takes two slots, speaks or votes twice, and nobody can tell who",
		Defence: "as many one-time keys as members, or the sitting is void; every member looks for its own among them",
		Without: twoBallots, With: twoBallotsRefused,
	},
	{
		Name:    "room-all-but-one",
		Breaks:  "convener and all members but one open a sitting which that one has not agreed to, and read what it wanted to say",
		Defence: "a sitting's threshold is all its members, the one among them: before it opens nothing is read, and then the sum alone",
		Without: openedWithoutIt, With: openedWithoutItRefused,
	},
	{
		Name:    "room-prices",
		Breaks:  "a member of a silent room says what it pays: competitors have spoken about prices, and nobody can be held to it",
		Defence: "the sender's filter (prices, amounts, percentages, names); of a sender without one, the log takes no price and no payer's name",
		Without: pricesSaid, With: pricesFiltered,
	},
	{
		Name:    "room-purchaser",
		Breaks:  "whoever names the members of a sitting seats a purchaser or a regulator among competitors",
		Defence: "rules: observers, counsel, auditors and the convener have no place in a room, and no sitting with one goes on record",
		Without: purchaserSits, With: purchaserRefused,
	},
}
