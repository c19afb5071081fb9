package audit

import "encoding/binary"

const (
	localMagic   = 0x04034b50
	centralMagic = 0x02014b50
	endMagic     = 0x06054b50

	zipVersion = 20        // 2.0: stored files
	zipMaker   = 3<<8 | 20 // a unix program, so that the mode below counts
	zipMode    = 0o100644  // a plain file
	zipDate    = 1<<5 | 1  // 1980-01-01, the zero of this format: evidence carries no clock
	maxName    = 200       // bytes of a file's name
)

// local is the header before a file's bytes (APPNOTE 4.3.7): no flags, stored.
func local(name string, sum uint32, length int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, localMagic)
	b = shared(b, sum, length, name)
	b = binary.LittleEndian.AppendUint16(b, 0) // extra field
	return b
}

// shared is the part that the header before a file and the one in the table have in common.
func shared(b []byte, sum uint32, length int64, name string) []byte {
	for _, v := range []uint16{zipVersion, 0 /* flags */, 0 /* stored */, 0 /* time */, zipDate} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	for _, v := range []uint32{sum, uint32(length), uint32(length)} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return binary.LittleEndian.AppendUint16(b, uint16(len(name)))
}

// centralEntry is a file's line in the table at the end (4.3.12).
func centralEntry(name string, sum uint32, length, at int64) []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, centralHeader+len(name)), centralMagic)
	b = binary.LittleEndian.AppendUint16(b, zipMaker)
	b = shared(b, sum, length, name)
	for range 4 { // extra field, comment, disk, internal attributes
		b = binary.LittleEndian.AppendUint16(b, 0)
	}
	b = binary.LittleEndian.AppendUint32(b, zipMode<<16)
	b = binary.LittleEndian.AppendUint32(b, uint32(at))
	return append(b, name...)
}

// endOf closes the archive (4.3.16).
func endOf(files, table int, at int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, endMagic)
	for _, v := range []uint16{0, 0, uint16(files), uint16(files)} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(table))
	b = binary.LittleEndian.AppendUint32(b, uint32(at))
	return binary.LittleEndian.AppendUint16(b, 0)
}
