package mhe

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// errorTail is the cumulative distribution of |e| for the discrete Gaussian of σ = 3.2 cut at 6σ (|e| ≤ 19), as 128-bit fixed point:
// |e| ≤ k with probability errorTail[k]/2^128. Derived with 90 decimals; a test derives it again.
var errorTail = [20][2]uint64{
	{0x1fea56814b22fe3a, 0x3f45151969ba4d06}, {0x5cb44ba97e1c801c, 0x9c40eb982df23abf},
	{0x9135c4d2ab6097ac, 0x5cfaa08b63ef2b13}, {0xba57841ec437e30a, 0xd63bbc3d9869c5c9},
	{0xd790d29879901fe9, 0xe1a3f29005d6bd31}, {0xea65b1358d74fb9d, 0x95b4644f9d547825},
	{0xf5672d96e886cf31, 0xfe1db967fd0df2eb}, {0xfb3c9d22cc87d60f, 0xad8d2091773965e1},
	{0xfe0a92b033d640a2, 0xd9a82d6d8e01f788}, {0xff439d38007352ae, 0x23a17e4c09baccfd},
	{0xffbf67e425d189d1, 0x314ba8ca85f04b9f}, {0xffebcdf3a4629f98, 0xb361f3c403427130},
	{0xfffa3f2f78880d45, 0x79ca08e6f6bf9358}, {0xfffe81f40111a23b, 0x2db7c27c3c136f0e},
	{0xffffa5d06bc38afb, 0x7d5baf886f5721bc}, {0xffffeca4870dfe3c, 0x5278b84ff5c76e6a},
	{0xfffffc3b68ed3b4a, 0x79cf610aaa7ae954}, {0xffffff58143b9611, 0x9a1e815cd15ea611},
	{0xffffffe850ce70a6, 0x37d62510b559dcb5}, {0xffffffffffffffff, 0xffffffffffffffff},
}

// readErrors fills e with samples of the error distribution. The table is walked to its end for every sample, without a branch on it.
func readErrors(r io.Reader, e []int8) {
	const size = 17 // 16 bytes against the table, one for the sign
	buf := make([]byte, 256*size)
	for len(e) > 0 {
		n := min(len(e), 256)
		fill(r, buf[:n*size])
		for i := range n {
			b := buf[i*size:]
			lo, hi := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
			var k uint64
			for _, t := range errorTail[:19] {
				// borrow of u − (tail+… ): 1 when u < tail, that is when |e| ≤ k; count the others
				_, borrow := bits.Sub64(lo, t[1], 0)
				_, borrow = bits.Sub64(hi, t[0], borrow)
				k += 1 - borrow
			}
			sign := -int8(b[16] & 1) // 0 or −1
			e[i] = (int8(k) ^ sign) - sign
		}
		e = e[n:]
	}
	clear(buf)
}

// readTernary fills e with uniform samples of {−1, 0, 1}.
func readTernary(r io.Reader, e []int8) {
	buf := make([]byte, 1024)
	for len(e) > 0 {
		fill(r, buf)
		for _, b := range buf {
			if b == 255 { // 255 = 3·85: the bytes below are unbiased modulo 3
				continue
			}
			e[0] = int8(b%3) - 1
			if e = e[1:]; len(e) == 0 {
				break
			}
		}
	}
	clear(buf)
}

// fill reads from a generator that cannot fail.
func fill(r io.Reader, b []byte) {
	if _, err := io.ReadFull(r, b); err != nil {
		panic("mhe: random generator failed") // a share made without randomness would be the key: never go on
	}
}
