package audit

import (
	"strings"
	"testing"
)

func TestPolicyQuorum(t *testing.T) {
	lines := []string{"# comment", "", "log " + noteKeyOf(t, "convener", "log.example") + " https://log.example/"}
	for _, n := range []string{"payer-a", "payer-b", "payer-c"} {
		lines = append(lines, "witness "+n+" "+witnessKeyOf(t, n, "log.example/"+n))
	}
	lines = append(lines, "group two 2 payer-a payer-b payer-c", "witness x "+witnessKeyOf(t, "convener-2", "w.example"), "group all-of all two x", "quorum all-of")
	p, err := ParsePolicy([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	for signed, ok := range map[string]bool{
		"": false, "x": false, "payer-a x": false, "payer-a payer-c": false,
		"payer-a payer-c x": true, "log.example/payer-a log.example/payer-b x": false,
	} {
		set := map[string]bool{}
		for _, s := range strings.Fields(signed) {
			set[s] = true
		}
		if p.satisfied(p.quorum, set) != ok {
			t.Errorf("signed by %q: want %v", signed, ok)
		}
	}
}

func TestPolicyRefuses(t *testing.T) {
	log, w := "log "+noteKeyOf(t, "convener", "log.example")+"\n", "witness w "+witnessKeyOf(t, "payer-a", "log.example/w")+"\n"
	flipped := "log " + strings.Replace(noteKeyOf(t, "convener", "log.example"), "log.", "lot.", 1) + "\n"
	for text, why := range map[string]string{
		"":                                  "needs a log and a quorum",
		log:                                 "needs a log and a quorum",
		"quorum none\n":                     "needs a log",
		log + "quorum w\n":                  "not defined",
		log + w + w + "quorum w\n":          "listed twice",
		log + w + "group g 2 w\nquorum g\n": "of 1 members",
		log + w + "group g 0 w\nquorum g\n": "of 1 members",
		log + w + "group none all w\n":      "twice",
		log + "group g any g\n":             "not defined",
		log + w + "group g all w w\n":       "in a group already",
		log + w + "group g any w\ngroup h any w\nquorum h\n": "in a group already",
		log + "quorum none\nquorum none\n":                   "second one",
		"log x\nquorum none\n":                               "not a verifier key",
		"log x+00000000+BAAA\nquorum none\n":                 "of type 4 with 2 bytes",
		flipped + "quorum none\n":                            "hash beside it",
		log + "server x\n":                                   "not a line",
		strings.Repeat("#\n", 140_000):                       "at most",
	} {
		if _, err := ParsePolicy([]byte(text)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%.60q: %v, want %q", text, err, why)
		}
	}
}
