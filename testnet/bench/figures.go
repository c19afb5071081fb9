package bench

import (
	"fmt"
	"io"
	"time"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// Figures are the measurements for one number of payers. Seconds are processor seconds of one member unless said otherwise.
type Figures struct {
	Set         string             `json:"set"`
	Payers      int                `json:"payers"`
	Strategy    string             `json:"strategy"`
	Seed        uint64             `json:"seed"`
	Runs        int                `json:"runs"`
	Cells       int                `json:"cells"`
	Released    int                `json:"released"`
	Ciphertexts int                `json:"ciphertexts"`
	Wrong       int                `json:"mismatches"`
	Mismatches  []string           `json:"mismatch_list"` // the first of them
	Classes     map[string]Class   `json:"classes"`       // how the cells were drawn
	Core        map[string]float64 `json:"core_seconds"`  // by step, and "evaluation"
	CoreSeconds float64            `json:"core_seconds_total"`
	Cell        float64            `json:"cells_per_core_second"`
	Release     float64            `json:"released_cells_per_core_second"`
	Ciphertext  float64            `json:"evaluation_core_seconds_per_ciphertext"`
	Sent        map[string]int64   `json:"bytes_sent"` // by step, of one payer
	SentTotal   int64              `json:"bytes_sent_total"`
	SentRelease float64            `json:"bytes_sent_per_released_cell"`
	PeakRSS     int64              `json:"peak_rss_bytes_of_process"`
	LiveHeap    int64              `json:"peak_live_heap_bytes"`
	Spilled     int64              `json:"peak_spilled_bytes"` // on disk, with a memory budget
	CPUSeconds  float64            `json:"cpu_seconds_of_process"`
	WallSeconds float64            `json:"wall_seconds"`
	Predicted   Prediction         `json:"predicted"`
}

// Class counts the cells drawn in one way.
type Class struct {
	Cells    int `json:"cells"`
	Released int `json:"released"`
	Wrong    int `json:"mismatches"`
}

func newFigures(s setting, seed uint64) *Figures {
	return &Figures{Set: s.set, Payers: s.payers, Strategy: s.strategy, Seed: seed, Sent: map[string]int64{}, Core: map[string]float64{}, Classes: map[string]Class{}}
}

// most mismatches that are listed one by one would help nobody further.
const mostListed = 100

// add counts a finished run in.
func (f *Figures) add(r *run, got []predicate.Value) {
	p := r.p
	f.Cells += len(got)
	f.Ciphertexts += p.plan.Ciphertexts()
	oracle := p.plan.Oracle(p.num, p.den)
	for i, c := range p.plan.Cells() {
		class := f.Classes[p.class[i]]
		class.Cells++
		if got[i].Released {
			f.Released++
			class.Released++
		}
		if got[i] != oracle[i] || got[i] != p.want[i] {
			f.Wrong++
			class.Wrong++
			text := fmt.Sprintf("run %d, %s, %s: decrypted %+v, oracle %+v, exact %+v", f.Runs, c.Name, p.class[i], got[i], oracle[i], p.want[i])
			if len(f.Mismatches) < mostListed {
				f.Mismatches = append(f.Mismatches, text)
			}
		}
		f.Classes[p.class[i]] = class
	}
	expect := p.plan.Predict()
	if r.memory.Budget > 0 {
		expect.Memory = r.memory.Peak()
	}
	f.Predicted.add(expect)
	n := time.Duration(f.Payers)
	for _, s := range steps {
		c := r.cost[s]
		f.Core[s] += (c.own/n + c.all).Seconds()
		f.Sent[s] += c.sent / int64(f.Payers)
	}
	f.Core["evaluation"] += r.evaluation.Seconds()
}

// finish completes the figures; cpu is what the process had used before.
func (f *Figures) finish(wall, cpu time.Duration) {
	if f.Mismatches == nil {
		f.Mismatches = []string{}
	}
	f.total()
	now, peak := usage()
	f.PeakRSS, f.CPUSeconds, f.WallSeconds = peak, (now - cpu).Seconds(), wall.Seconds()
}

// total adds up the steps.
func (f *Figures) total() {
	f.CoreSeconds, f.SentTotal = 0, 0
	for _, s := range f.Core {
		f.CoreSeconds += s
	}
	for _, b := range f.Sent {
		f.SentTotal += b
	}
	f.Cell = ratio(float64(f.Cells), f.CoreSeconds)
	f.Release = ratio(float64(f.Released), f.CoreSeconds)
	f.Ciphertext = ratio(f.Core["evaluation"], float64(f.Ciphertexts))
	f.SentRelease = ratio(float64(f.SentTotal), float64(f.Released))
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Print writes the figures for people.
func (f *Figures) Print(w io.Writer) {
	fmt.Fprintf(w, "\nset %s%s, %d payers, %s, seed %d\n", f.Set, insecure(f.Set), f.Payers, f.Strategy, f.Seed)
	fmt.Fprintf(w, "  cells               %d in %d ciphertexts and %d runs; %d released; %d mismatches\n", f.Cells, f.Ciphertexts, f.Runs, f.Released, f.Wrong)
	for _, m := range f.Mismatches {
		fmt.Fprintf(w, "    MISMATCH %s\n", m)
	}
	fmt.Fprintf(w, "  one member          %.1f core-seconds: evaluation %.1f", f.CoreSeconds, f.Core["evaluation"])
	for _, s := range steps {
		fmt.Fprintf(w, ", %s %.1f", s, f.Core[s])
	}
	fmt.Fprintf(w, "\n                      %.1f cells, %.1f released cells a core-second; evaluation of one ciphertext %.2f s on one core\n", f.Cell, f.Release, f.Ciphertext)
	fmt.Fprintf(w, "  one payer sends     %.1f MB:", mega(f.SentTotal))
	for i, s := range steps {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, " %s %.1f", s, mega(f.Sent[s]))
	}
	fmt.Fprintf(w, " (release: to one recipient)\n                      %.1f kB a released cell\n", f.SentRelease/1e3)
	fmt.Fprintf(w, "  this process        peak %.0f MB (%.0f MB of it alive), %.0f MB waiting on disk, with one payer in it at a time; %.1f processor seconds; %.1f s on the clock\n", mega(f.PeakRSS), mega(f.LiveHeap), mega(f.Spilled), f.CPUSeconds, f.WallSeconds)
	f.printPrediction(w)
}

func mega(b int64) float64 { return float64(b) / 1e6 }
