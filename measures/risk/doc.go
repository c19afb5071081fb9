// Package risk is the risk adjustment the members fit together: what each computes over its own people, what all compute from the sums, and what
// an expected value is. It adds nothing up itself: its vectors are for secure aggregation (crypto/secagg), its results follow from the sums alone.
//
// # Columns
//
// A Spec has cells of age band × sex and condition categories: groups of ICD-10-CM categories (CDC/NCHS, public domain; the blocks of the tabular
// list, three characters, see Categories). A person has 1 in one cell, and in a category the number of different days with a diagnosis of it, up to
// its cap. The outcome is a whole number up to OutcomeCap (dollars, visits); what is above is cut there.
//
// # Observations
//
// What a row of the model is, its outcome says. Allowed is the model as it was first: a person of a year, whether attributed or not. Cost and Readmission
// feed measures of observed over expected, and a row is what such a measure counts, made by the same query:
//
//	Cost          a person at a practice, with the member-months there as exposure: the whole row is taken so many times, so that the coefficients are
//	              dollars a month and half a year is expected to cost half
//	Readmission   an index stay, with the diagnoses up to the discharge: the outcome is 0 or 1 and the model a linear probability, cut to 0…1. A count of
//	              readmissions per person would mix who is admitted at all into it, which is another measure
//
// One person may so have several rows; they stand together with one number (Person.Who), and where people are counted, for the presence of a column and for
// the bins, such a person counts once.
//
// # Rounds
//
//	presence    of every column, 1 if this payer has at least MinPeople people in it: the sum is a number of payers, never of people.
//	            A column with fewer than MinPayers is merged (Layout.Merge): a cell with its neighbour of the same sex, a category with the rest of
//	            its chapter, then with the rest of all; what is still rare is left out. Again, until nothing changes.
//	equations   people, Σy, Σy², XᵀX (upper triangle, by rows), Xᵀy: integers, so that the sums are exact. Bound is the cap of an element.
//	bins        of each bin of a grid of expected values, people rounded down to a multiple of MinPeople: where the deciles are
//	deciles     of each tenth: people, Σy, Σ expected
//
// XᵀX of columns that passed may still hold a small number of people who are in two of them; a profile that does not allow that asks for fewer
// categories.
//
// # Fit
//
// (XᵀX + λI)β = Xᵀy by LDLᵀ in binary floating point of 192 bits (math/big: rounding to nearest even after each operation, no hardware float, fixed
// order), so that every member has the same bits; coefficients are then integers in units of 10⁻¹² of the outcome's. 192 bits leave more than 100 for
// the condition of the matrix; the fit on sums differs from the fit on the pooled people by nothing, as the sums are the same integers.
//
// # Reliability
//
// Components are the between and within variance of cells (a payer's people of one practice) from five sums; exact rationals. A practice with d people
// has reliability b/(b + w/d); Line is the smallest d with 0.70 or more. Only that number goes into the companion file and into the question asked of
// the encrypted denominators (d ≥ Line, measures/disclosure); no denominator does, and no practice's reliability, from which b and w would give it: d = w·r/(b(1 − r)).
//
// They are defined for proportions: a person's outcome is 0 or 1, so the numerator is also the sum of squares, and the rows of a measure (Σ by practice) hold all that is
// needed. A rate, a ratio or an amount per member and month would need the squares of every person's own outcome, which no measure's rows have; for these
// there is no line, and a release cannot ask.
package risk
