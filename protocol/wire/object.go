package wire

import (
	"errors"
	"fmt"
)

// Object names one object of a run: who reveals it in which step, its hash
// (see Objects in the package comment) and its exact size. It is the body of Put, Get, Posted and Proceed.
type Object struct {
	Run      string `json:"run"`
	Manifest Hash   `json:"manifest"`
	Step     int    `json:"step"`
	Member   string `json:"member"`
	Hash     Hash   `json:"hash"`
	Size     int64  `json:"size"`
}

func (o *Object) check() error {
	if err := CheckRun(o.Run); err != nil {
		return err
	}
	if err := CheckMember(o.Member); err != nil {
		return err
	}
	if o.Step < 0 || o.Step > MaxStep {
		return fmt.Errorf("step %d is outside 0 to %d", o.Step, MaxStep)
	}
	if o.Size < 1 || o.Size > MaxSize {
		return fmt.Errorf("an object of %d bytes, allowed are 1 to %d", o.Size, MaxSize)
	}
	if o.Hash == (Hash{}) {
		return errors.New("an object without a hash")
	}
	return nil
}

// The four things that can be said about an object.
type (
	Put     Object // I want to reveal it
	Proceed Object // send its bytes now
	Posted  Object // the board holds it; answering a Get, its bytes follow
	Get     Object // I want its bytes
)

func (o *Put) check() error     { return (*Object)(o).check() }
func (o *Proceed) check() error { return (*Object)(o).check() }
func (o *Posted) check() error  { return (*Object)(o).check() }
func (o *Get) check() error     { return (*Object)(o).check() }

func (Put) kind() Kind     { return KindPut }
func (Proceed) kind() Kind { return KindProceed }
func (Posted) kind() Kind  { return KindPosted }
func (Get) kind() Kind     { return KindGet }

func (o Put) payload() ([]byte, error)     { return encode(&o) }
func (o Proceed) payload() ([]byte, error) { return encode(&o) }
func (o Posted) payload() ([]byte, error)  { return encode(&o) }
func (o Get) payload() ([]byte, error)     { return encode(&o) }

// DecodeObject reads a payload of KindPut, KindProceed, KindPosted or KindGet
// strictly.
func DecodeObject(b []byte) (Object, error) {
	var o Object
	if err := decode(b, Limit(KindPut), &o); err != nil {
		return Object{}, fmt.Errorf("object: %w", err)
	}
	return o, nil
}
