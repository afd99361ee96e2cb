package scale

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Custom codecs: a value method encodes, a pointer method decodes.
type (
	appender interface {
		AppendScale(dst []byte) ([]byte, error)
	}
	decoder interface {
		DecodeScale(d *Decoder) error
	}
)

var (
	appenderType = reflect.TypeFor[appender]()
	decoderType  = reflect.TypeFor[decoder]()
)

// isCustom reports whether t has its own codec and refuses half of one.
func isCustom(t reflect.Type) (bool, error) {
	pt := reflect.PointerTo(t)
	enc, dec := t.Implements(appenderType), pt.Implements(decoderType)
	switch {
	case enc && dec:
		return true, nil
	case enc != dec || pt.Implements(appenderType):
		return false, fmt.Errorf("scale: %v needs AppendScale on its value and DecodeScale on its pointer", t)
	}
	return false, nil
}

func customPlan(t reflect.Type) *plan {
	word := typeWord(reflect.PointerTo(t))
	return &plan{
		fixed: -1,
		min:   1,
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			return makeAny(word, p).(appender).AppendScale(dst)
		},
		decode: func(d *Decoder, p unsafe.Pointer) error {
			if err := d.enter(); err != nil {
				return err
			}
			defer d.leave()
			return makeAny(word, p).(decoder).DecodeScale(d)
		},
	}
}
