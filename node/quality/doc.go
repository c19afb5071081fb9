// Package quality asks, before a run, whether a payer's data is fit for it: the quality gate.
//
// # Checks
//
// Each is one query in the SQL of measures (folder sql; so it runs in the sandbox, on the embedded database and on a warehouse alike) and a threshold in
// whole percent ([disclosure.Quality]), 0 for none. Of a run only the checks whose tables its measures read are asked.
//
//	month       rows of each month of the period, as a share of its median month: at least min_month_percent, at most max_month_percent.
//	            A missing month, a month twice. Of medical_claim, pharmacy_claim and lab_result
//	year        rows of the period against those of the year before, where there are any: changed by at most max_year_percent
//	late        claims of the period's last quarter that are still to come, judged by when those of the year before were paid: at most
//	            max_late_percent. Where no paid_date is held it is not asked
//	coded       claim lines whose first diagnosis code, and whose procedure code where they have one, are of the form of their system: at
//	            least min_coded_percent
//	npi         claim lines whose rendering (else billing, else facility) provider has an NPI with a correct check digit: at least min_npi_percent
//	attributed  members at the end of the period with a practice: at least min_attributed_percent
//	lab         of them with a laboratory result in the period: at least min_lab_percent
//	unit        HbA1c results that are not in percent, or that no person has in percent; blood pressures that are none in mm[Hg]: at most
//	            max_unit_percent
//	duplicate   claim lines that are there again, all but the claim's id equal: at most max_duplicate_percent. A file loaded twice
//	            under new ids; the same file or the same ids again the loader refuses
//	data        when everything is asked: there is something for one of the checks to judge by
//
// # What leaves the node
//
// Nothing of a [Report], but one thing that a motion and the payer's policy both have to allow: in an exact sum of kind quality payers are counted by the tenth
// ([Tenth]) that one share of theirs is in, under a proof that each is counted once, and nobody learns which payer is in which. A run in which the gate fails is declined with the reason code quality, and no word more. The report is for the payer's own
// analyst.
package quality
