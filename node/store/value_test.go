package store

import (
	"math/big"
	"testing"
	"time"
)

func TestFixed(t *testing.T) {
	for s, want := range map[string]int64{
		"0": 0, "12": 1200, "12.5": 1250, "12.50": 1250, "12.5000": 1250, "-0.07": -7, "0.01": 1, "9999999999999999.99": 999999999999999999, "007": 700,
	} {
		if n, ok := fixed(s, 2); !ok || n != want {
			t.Errorf("%s: %d %v, want %d", s, n, ok, want)
		}
	}
	for _, s := range []string{"-", ".", ".5", "5.", "1.005", "1e3", "+1", "1,000", " 1", "1 ", "--1", "1.-5", "1.5x", "1.x0", "$1", "12345678901234567", "NaN", "１"} {
		if n, ok := fixed(s, 2); ok {
			t.Errorf("%q read as %d", s, n)
		}
	}
	for s, want := range map[string]int64{"9.0": 9_000_000, "6.05": 6_050_000, "-1.000001": -1_000_001} {
		if n, ok := micros(s); !ok || n != want {
			t.Errorf("%s: %d %v, want %d", s, n, ok, want)
		}
	}
	for _, s := range []string{"", "-", "<5", ">14.0", "positive", "1.0000001"} {
		if n, ok := micros(s); ok {
			t.Errorf("%q has the value %d", s, n)
		}
	}
}

func TestDates(t *testing.T) {
	for s, want := range map[string]bool{
		"2008-02-29": true, "9999-12-31": true, "1800-01-01": true, "2009-02-29": false, "1900-02-29": false, "2008-13-01": false, "2008-00-10": false,
		"2008-01-00": false, "2008-1-1": false, "1799-12-31": false, "2008/01/01": false, "2008-01-01 ": false, "20080101": false, "": false,
	} {
		d, ok := parseDate(s)
		if ok != want || ok && d.Format(time.DateOnly) != s {
			t.Errorf("%q: %v %v", s, d, ok)
		}
	}
	for s, want := range map[string]bool{
		"2008-02-29": true, "2008-02-29 23:59:59": true, "2008-02-29T00:00:00": true, "2008-02-29 24:00:00": false, "2008-02-29 00:60:00": false,
		"2008-02-29 00:00:00Z": false, "2008-02-29 0:00:000": false, "2008-02-30 00:00:00": false,
	} {
		if _, ok := parseStamp(s); ok != want {
			t.Errorf("%q: %v", s, ok)
		}
	}
}

// FuzzFixed holds the exact reader to big rationals.
func FuzzFixed(f *testing.F) {
	for _, s := range []string{"12.50", "-0.07", "1.005", "", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" {
			return
		}
		n, ok := fixed(s, 2)
		if !ok {
			return
		}
		r, valid := new(big.Rat).SetString(s)
		if !valid || r.Cmp(big.NewRat(n, 100)) != 0 {
			t.Fatalf("%q read as %d hundredths", s, n)
		}
	})
}

// Every layout that NDCs have had, and what cannot be told apart.
func TestNDC(t *testing.T) {
	for in, want := range map[string]string{"00002322730": "00002322730", "00002-3227-30": "00002322730", "0002-3227-30": "00002322730", "50242-040-62": "50242004062",
		"60575-4112-1": "60575411201", "0002322730": "", "0002-322-30": "", "1-2-3": "", "00002-3227": "", "0000232273X": "", "000023227300": "", "00002 3227 30": "", "-0002-3227-30": ""} {
		if got, ok := parseNDC(in); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q %v, want %q", in, got, ok, want)
		}
	}
}
