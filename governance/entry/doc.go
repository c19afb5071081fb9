// Package entry is the form of a governance entry: what a member signs, byte for byte, and what everybody else checks.
//
// An entry on the wire and in the ledger is one line of canonical JSON:
//
//		{"entry":{"origin":"…","author":"payer-a","seq":7,"prev":"…","kind":"measure.vote","version":1,"body":{…}},"signature":"…"}
//
//	  - origin is the ledger's name: an entry of one ledger means nothing in another.
//	  - author is the member whose key signed. seq counts that author's entries from 1, prev is the SHA-256 of the author's entry before
//	    (the genesis for the first): an author chain. Sending an entry again is harmless, since the place is taken by the same
//	    bytes; two different entries at one place are evidence against their author.
//	  - kind and version select the rule; body is the kind's document (package rules).
//	  - signature is Ed25519 AND ML-DSA-65 over the bytes of the inner object, bound to Context (package crypto/identity).
//
// The hash of an entry (Signed.Hash) covers the inner object and not the signature, because ML-DSA signatures of one message may differ.
//
// Canonical means: the fields in the order of the Go type, no white space, no HTML escapes, integers only, as Canonical
// prints it. Decode accepts nothing else: it decodes strictly (unknown fields, trailing data), prints again and compares, so
// duplicate keys, other letter cases, escapes and number forms are refused too. The body is compared by the rule that
// knows its type. Sizes are checked before anything is decoded: MaxSize bytes in all.
package entry
