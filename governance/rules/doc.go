// Package rules is the governance of a ledger as a pure state machine: the same entries give the same state and the same refusals on every
// replica, in the auditor, today and in ten years. There is no machine's clock, randomness, floating point, map order or goroutine in it (Prepare reads and verifies
// entries ahead of their turn on all processors; verdicts do not depend on it).
//
// An entry is judged in this order: form (package entry), ledger, whether it is there already, membership, the author's place in its
// chain, signature, kind and version, then the kind's own rule in three steps: validate looks at the body alone, resolve at the state, apply
// has the effect and cannot fail. What is refused has no effect, does not use up a place in the author's chain and does not
// enter the ledger; the refusal carries a Code. An entry that is in the ledger already, byte for byte the same statement, is
// a duplicate: nothing happens, and its index is returned, so sending again is always safe.
//
// # Kinds
//
// "Presiding" is the convener or the chair.
//
//	kind                author        rule
//	clock               payer         goes forward; the log's time is what more than half of the present payers' clocks have reached
//	checkpoint.witness  any member    a root it has seen; contradicts no other, goes forward, not beyond the log
//	member.join         convener      new name and role, no key shared with anybody past or present, signed by more than half of the payers (the first payer of a ledger that has none: by nobody)
//	member.leave        the member    in its own name, not while an open run names it
//	member.rotate       the member    all its keys, signed with old and new; none that anybody had; not the convener; not while a run names it
//	motion.propose      payer, convener, seat   what it would do could be carried today; new name
//	motion.comment      any member    while the discussion is open; for one of the public the convener writes
//	motion.respond      mover, presiding   once for each comment
//	motion.object       voting seat   once; unanimous consent is over
//	motion.vote         who decides   once
//	motion.carry        presiding     the motion is decided (below); it has its effect now
//	motion.withdraw     mover         while it is open
//	measure.propose     any member    the definition is canonical, has the hash, id and version given; no such version approved before
//	measure.refer       presiding     a draft goes to the committee
//	measure.publish     presiding     to public comment: the window begins; the committee is complete
//	measure.comment     any member    like motion.comment
//	measure.respond     proposer, presiding   like motion.respond
//	measure.object      voting seat   like motion.object
//	measure.vote        who decides   once, in public comment, or while proposed where there are no stages
//	measure.approve     presiding     it is decided (below); in force at once, or from a log time on
//	measure.withdraw    proposer      while it is not decided
//	profile.set         convener      not below the floors of package disclosure, nowhere looser than the version before
//	roster.set          convener      1 to 32,768 distinct public identifiers with their hash; a region for each where totals are wanted
//	roster.amend        convener      a roster that follows from another by the openings, closings, merges and splits it names; new names for what comes of them
//	roster.identify     convener      TIN, NPI (check digit), site, and the provider that speaks for a practice; all public
//	attest.annual       any member    the charter's antitrust statement, for the log's year, once
//	adoption.open       presiding     on a recommended structure; closes later than now
//	adoption.commit     payer         a sealed answer, once, before the close
//	adoption.reveal     payer         that answer (full, partial, none), after the close
//	run.authorise       convener      see below
//	run.aggregate       convener      an exact sum under masks: of what a motion approved, at least the profile's contributors present (and more than half), contributors × cap
//	                    below 2^63, data of the profile's age, after certified runs of the same sum that withhold the same records; a stage of a sum and period is opened once, and bound is opened;
//	                    of kind total: see Totals below; where the sum asks for proven bounds: at most 32 contributors, all of them present, length × bits
//	                    at most 65,536
//	run.veto            counsel       before the run may start
//	run.bind            contributor   while the run is open, once in each of BindSteps and in their order: what it is bound to
//	run.void            convener or contributor, with a reason, while the run is open
//	run.certify         convener or a named member, while the run is open: manifest, parameter set and statistical security
//	                    are the run's, and all recipients signed the statement, in order; of an aggregate as many of them as must be present
//	model.set           convener      the next version; recipients of a certified aggregate run signed its hash
//	release.restate     convener      like run.authorise, of figures that an earlier run released; see below
//	appeal.open         payer, provider, seat   on a certified run, or a figure of it, within the charter's window
//	appeal.panel        presiding     of the charter's size, as many payers as providers, the rest experts; not the appellant
//	appeal.answer       convener, contributor   while it is open
//	appeal.decide       panel         once each, after an answer; more than half of the panel decide, for good
//	po.submit           provider      for a practice it speaks for, on the measure's scale, once a figure, before the figure is final
//	po.audit            auditor       confirms or rejects a submission, once
//	room.open           presiding     a silent room: its members (payers, providers, experts), how many must be present, its schedule; the topic names no payer
//	room.close          presiding     while it is open
//	statement.post      convener      a sitting of an open room, once, in order: what was said, sorted, no author, no payer's name, no price, no more statements than
//	                    present, none longer than the room's; all present, of whom enough are there, signed it
//	ballot.open         presiding     votes on a motion or measure are sealed; at least three decide, nobody has voted
//	ballot.tally        convener      the count of a sealed vote, once: as many ballots as present; all present have a vote, of a committee a
//	                    quorum of either class is present, and all present signed it
//
// Subjects of motions:
//
//	charter.set          the next version; plan and provider seats equal, quorum over half, majority at least half, an odd panel
//	seat.set             empties and fills seats: the class's role, one seat each, plan and provider seats held in equal number
//	seat.chair           a holder of a seat
//	member.remove        decided by the other payers; not while a run names it
//	member.rekey         new keys for lost ones, signed with the new ones; decided by the other payers
//	measure.retire       an approved measure
//	agreement.enact      the next version of a data agreement: payers, purposes, dates
//	agreement.end        no later run may cite it
//	sum.define           what may be summed exactly: its definition, cap and profile; of a total its measure, whose profile allows totals; with a bound, every
//	                     contributor proves that its vector is in range, the cap is the end of that range, and certificates name the proof as their
//	                     parameter set (prio3-sumvec-1, prio3-histogram-1)
//	ledger.freeze        the entry that carries it is the last one; not while a run is open
//	structure.recommend  a payment structure: binding is false, percentages add up, benchmarks are whole numbers on the measure's scale and frozen until
//	                     the date given, no field and no text for what a payer pays
//
// # Decisions
//
// Without a charter, or with one that has no seats, the payers decide: more than half of those present. Under a charter with seats the committee decides, and only while
// plan and provider seats are held in equal number. Payers hold plan seats, provider organisations provider seats, experts seats without a vote; purchasers, regulators,
// counsel, auditors and the convener hold none. Two ways:
//
//   - unanimous consent, where the charter gives time for it: that time is over, and nobody who can vote has objected or voted no;
//   - a ballot: of plan seats, and of provider seats, a quorum each has voted, and more than the charter's share of yes and no is yes. Votes are signed entries: the tally
//     (Decision) is public, and so is who voted how.
//
// A sealed vote is counted without names (ballot.tally); it decides only while everybody who took part still has a vote. A seat has one vote and a holder one seat, so
// that a committee's ballots can be counted without names too: the majority is of all, and the quorum of either class is of those present, who are public. Who is
// present and says nothing abstains. How a class voted is nobody's to know, and no charter asks for it.
// Neither before every comment has an answer and the discussion's window is over. Votes and objections of those who cannot vote any more do not count. Seats are filled
// by the payers while the committee cannot decide; then they fill seats and empty plan seats, and cannot unseat a provider.
//
// A measure is a draft, then in committee, then in public comment, approved, in force from its date, retired. Where a charter has neither seats nor a comment window, and before
// there is one, it is proposed and then approved.
//
// # Runs and releases
//
// A run is authorised when its name is new, no other run is open, it has at least three contributors who are payers, at least
// one recipient who is a member, approved measures in force with the caps and the profile of their definitions, a profile on record, data as old as the profile
// says by the log's time, a roster on record, for a measure of observed over expected (and no other) the hash of its model's last version on record, and cells in canonical order (measure, roster, stratum) of which none was released before. Once there is a charter or an
// agreement, it cites an agreement in force that has its purpose and all its contributors; and if the charter asks for it, every contributor has attested this year.
// It may start when counsel's time to veto is over (State.MayStart). A figure is
// (measure hash, period, practice, stratum); certifying a run releases all figures of its manifest, shown or suppressed, and
// voiding it none. So nothing can be certified that was not authorised, and nothing is released twice with two sets of
// contributors whose difference would show one of them.
//
// A restatement follows an upheld appeal, once, or an error found before the result is final. Its figures are the earlier run's. Against every earlier release
// of a figure its contributors are the same, or differ on either side by nobody or by at least as many as the profile's contributors; and a figure is released with two
// different sets of contributors at most (differencing.go). A practice is not released beside one that it came from or went into.
//
// A benchmark-only measure has as many cells as its profile's min_benchmark_practices at least, all of stratum "all". A practice's data of a
// measure id and period, whatever the version, enter one certified benchmark at most, and no benchmark beside a release by practice, in the
// same run or another: two rosters that differ by one practice would show it (benchmark.go).
//
// A stratified measure (its definition says by what, its id is BASE-by-KIND) has figures of its strata and none of stratum "all"; any other has those of "all"
// alone. Of what counts the same (versions, stratified forms, or the same query and value sets under another id) one division is released for a
// period, in one run or in several: all people together, or the strata of one dimension, over all practices (strata.go). What can be derived and
// what not: the strata of a dimension share no person, so of a suppressed stratum the released rates of the others say nothing, even to somebody who
// knows every denominator; that it is suppressed is shown. The rates of the strata and their denominators, if somebody knows them all, give the rate of the whole
// when all strata are shown; that is not hidden. Not prevented: measures of two names and two texts that count nearly the same, which those who
// approve them must see; a new version of a stratified measure in the same dimension, whose strata differ by few people; what a provider publishes of itself.
//
// A run may ask, of every cell of a proportion, whether as many people are behind it as its reliability of 0.70 needs: the manifest then has the line, which must
// be the one that follows from a certified aggregate of the measure's variance components, of the same period and contributors (reliability.go). Such a stage is
// opened once, and a restatement asks the same line or none, so no denominator is narrowed down by two questions; new versions of a measure are new
// figures, and who approves them sees that.
//
// # Totals
//
// Where a measure's profile allows it, the exact numerators and denominators of shown practices are added up, by region of the roster or over all. Such a total is an
// aggregate run of a sum of kind total, after a certified release. There is no circuit over regions: the release's circuit has tested every shown practice for
// contributors, largest share, least denominator, and for what is left of numerator and complement without any one payer, and all of these add up (package
// disclosure, "Totals", has the proof and a test). So every sum over shown practices passes them, and no other sum is opened: a suppressed practice is in no total, and
// one at an end of the shown range neither, so that a total lies in the range too. What the rules hold (total.go):
//
//   - the release is certified, not restated, of the period, and releases the measure; the profile that its cells were tested under allows totals, and so does the one
//     in force;
//   - all contributors of the release, and nobody else, are there: threshold and contributors are theirs. A total of fewer was not tested;
//   - a total is over as many practices as the profile asks for, 3 at least, and so is what follows from two: the region that all has beside those opened.
//     Regions share no practice, so nothing else follows;
//   - of what counts the same and a period one set of totals is opened, of one release: another one, over another roster or version, would be subtracted from it.
//     One that ended void when somebody was bound may have been opened, and may be repeated to the letter: the vectors are the same (package node);
//   - not beside variance components of it (kind reliability), nor they beside it: those hold the sum over all practices, and less the shown ones it is the suppressed ones'.
//
// How many practices a group has is said in the manifest and is not for the log to judge, which has the table's hash alone: each payer holds it against its
// own copy of the certified table before it contributes, and all must; the auditor does again.
//
// What can be derived: of a shown practice, whose rate is known to half a step, a total gives D = Σ d and N = Σ n over three practices or more. Without the other
// practices' denominators neither n nor d of one follows; a denominator lies between the least and D less the leasts of the others, so a D close to practices × least would
// give them all away. Somebody who knows every denominator learns numerators of shown practices, as the rates alone show them to whoever knows
// small ones; each passed all rules as an exact figure, so that no payer's and no small number is in it. Of a suppressed practice nothing: it is in no
// term. Not prevented: sums of two names that count nearly the same, which those who approve them must see; what a region is called and which practices it has, which
// is public.
//
// A submission that an auditor has confirmed counts beside the aggregated figure: the better of the two, by the measure's direction (State.Better).
//
// # Reasons
//
// Codes are part of the protocol; texts are for people. In testdata every one is at the end of a story, and every kind is accepted in one.
//
//	form                   not the canonical form, or a field outside its limits
//	origin                 of another ledger
//	not_a_member           unknown, or has left
//	signature              does not verify with the author's present key
//	author_sequence        not the author's next entry
//	unknown_kind           no rule for it in this program
//	unknown_version        no rule for this version of the kind
//	internal               a rule failed; no effect
//	not_allowed            not this author's to do
//	name_taken             is or was a member's
//	key_shared             somebody has or had this key
//	endorsement            not more than half of the payers have signed
//	too_many               a limit of the ledger, the charter or a discussion
//	hash_mismatch          the content does not have the hash beside it
//	definition             the measure's definition cannot be read or says something else
//	duplicate              is on record already, or not the next version
//	version_taken          this version of the measure is approved with another content
//	unknown_measure        no (approved) measure has this hash
//	not_open               already decided, or not in the stage for it
//	already_voted          a vote, or an opinion, is given once
//	no_majority            too few yes
//	profile_floor          below what is compiled in
//	profile_looser         looser than the version before
//	unknown_profile        not on record
//	run_exists             the run's name is used up
//	run_open               a run has to be finished first
//	unknown_run            not authorised, or not certified
//	run_closed             certified or void already, or not certified yet
//	measure_not_approved   not approved, retired, or not in force yet
//	profile_mismatch       not the measure's profile
//	caps                   not the measure's caps
//	unknown_roster         no roster has this hash
//	unknown_practice       in no roster, or not in this one
//	cells                  out of order, repeated, missing, or not of the run that is restated
//	contributors           too few, repeated, or not payers
//	recipients             none, repeated, or not members
//	insecure_parameters    for tests; the genesis does not allow them
//	already_released       a figure is released once
//	bound                  a contributor's word in a step is given once, step after step
//	certificate            of another manifest or parameter set, or too little statistical security
//	certificate_signature  not every recipient has signed
//	no_time                the log's time decides, and there is none yet
//	clock_back             a clock that does not go forward
//	data_age               the profile asks for older data
//	checkpoint             contradicts another witness, or the log's size
//	key_proof              the new keys have not signed that they follow the old ones
//	charter_floor          quorum, majority or panel below what is compiled in
//	seats_unequal          plan and provider seats are not equal in number, or empty
//	seat_role              this class of seat is not for this role
//	seat_taken             a seat has one holder, and a holder one seat
//	unknown_seat           no such seat, or holds none
//	unknown_motion         not on record
//	unknown_subject        no motion is about this
//	unknown_comment        no comment of this matter
//	unanswered             a comment, or an appeal, waits for an answer
//	window_open            the time for comments, objections or sealed answers runs
//	window_closed          it is over
//	no_quorum              too few plan or provider seats have voted
//	objection              no unanimous consent; a ballot decides
//	identifier             no TIN or NPI
//	roster_change          the roster does not follow from the changes, or an old name is used for a new practice
//	differencing           the difference to an earlier release would show what neither does
//	agreement              not on record, not in force, or without a contributor
//	purpose                not one of the agreement's
//	attestation            missing, of another statement or another year
//	veto_late              the run may have started
//	binding                structures are recommended
//	percent                out of 0 to 100, or not together 100
//	payer_amount           names a payer beside a number
//	frozen                 benchmarks stay until their date
//	ledger_frozen          the ledger is closed for good
//	value                  not on the measure's scale
//	unknown_structure      not recommended
//	unknown_adoption       nobody was asked
//	reveal                 not the answer that was committed to
//	unknown_appeal         not on record, or not upheld
//	panel                  wrong size, mix or member
//	final                  the result, or the appeal, is final
//	unknown_submission     no submission at this entry
//	room                   too few present, or somebody who has no place in it
//	unknown_room           no such room was opened
//	sealed                 the votes on this are sealed, or cannot be, or are not counted
//	price                  states a price
//	unknown_sum            no exact sum with this hash is approved
//	names_payer            names a payer
//	reliability            of a measure that has none, or not the line that follows from the certified components
//	model                  an expected value without its model on record, or with another one
//	strata                 a stratum of a measure that has none, or "all" of one that is stratified
package rules
