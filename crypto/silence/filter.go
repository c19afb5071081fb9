package silence

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// ErrFilter says that a text must not be sent as it is. The text of the error names the kind of thing and not the thing.
var ErrFilter = errors.New("silence: the statement is not sent")

var (
	money = regexp.MustCompile(`(?i)[$£¥€¢]|\b(usd|dollars?|cents?|bucks?|euros?|pmpm|pppm|per member per month|price[ds]?|pricing|fee schedules?|conversion factor)\b`)
	share = regexp.MustCompile(`(?i)[%‰]|\b(per ?cent(age)?s?|pct|percentage points?|basis points?|bps)\b`)
	// Amounts written as amounts: decimals (but not codes like E11.9), thousands, thousands by letter, and number words with a size.
	amount = regexp.MustCompile(`(?i)(^|[^a-z0-9])\d+[.,]\d|\d\s?[km]\b|\d{5,}|\b(hundred|thousand|million|billion)s?\b`)
)

// Refusal says why a text is not sent. It is an ErrFilter. A percentage may be one of a quality measure: a person may send it anyway.
type Refusal struct {
	What  string // the kind of thing it holds, not the thing
	Final bool   // no one may send it anyway: prices, amounts, names
}

func (r *Refusal) Error() string { return fmt.Sprintf("%v: it holds %s", ErrFilter, r.What) }
func (r *Refusal) Unwrap() error { return ErrFilter }

// Filter refuses a text with prices, percentages or the name of a plan (names: of plans, members, brands). It sees through case, spacing,
// punctuation and the usual digits for letters; letters outside Latin are refused, because other alphabets have look-alikes.
func Filter(text string, names []string) error {
	refuse := func(what string) error { return &Refusal{what, true} }
	if !utf8.ValidString(text) {
		return refuse("bytes that are no text")
	}
	for _, r := range text {
		if r != '\n' && (r < ' ' || r == 0x7f) || r > 0x17f && !strings.ContainsRune("–—‘’“”…€‰", r) {
			return refuse("characters outside Latin letters, digits and punctuation")
		}
	}
	switch {
	case money.MatchString(text):
		return refuse("a price, or a word of prices")
	case amount.MatchString(text):
		return refuse("an amount")
	}
	plain, spoken := letters(text, false), letters(text, true)
	for _, n := range names {
		a, b := letters(n, false), letters(n, true)
		if a != "" && strings.Contains(plain, a) || b != "" && strings.Contains(spoken, b) {
			return refuse("the name of a plan or member")
		}
	}
	if share.MatchString(text) { // last: what may be sent anyway holds nothing else
		return &Refusal{"a percentage", false}
	}
	return nil
}

var (
	leet  = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "!", "i")
	marks = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ä", "a", "ã", "a", "å", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i",
		"î", "i", "ï", "i", "ó", "o", "ò", "o", "ô", "o", "ö", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u", "ñ", "n", "ç", "c")
)

// letters folds a text to lower-case letters and digits, with digits read as letters when read.
func letters(s string, read bool) string {
	s = marks.Replace(strings.ToLower(s))
	if read {
		s = leet.Replace(s)
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
