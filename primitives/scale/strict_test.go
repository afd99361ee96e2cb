package scale_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gocess/gocess/primitives/scale"
)

// refuse decodes hostile input and wants the given reason.
func refuse[T any](t *testing.T, input string, want error) {
	t.Helper()
	v, err := scale.Unmarshal[T](unhex(t, input))
	var de *scale.DecodeError
	if !errors.Is(err, want) || !errors.As(err, &de) {
		t.Errorf("%T from %.40s = %+v, %v; want %v", *new(T), input, v, err, want)
	}
}

func TestStrictDecoding(t *testing.T) {
	refuse[uint8](t, "", scale.ErrUnexpectedEnd)
	refuse[uint32](t, "010203", scale.ErrUnexpectedEnd)
	refuse[uint8](t, "0102", scale.ErrTrailing)
	refuse[bool](t, "02", scale.ErrBool)
	refuse[[2]bool](t, "0103", scale.ErrBool)
	refuse[scale.Option[uint8]](t, "0200", scale.ErrUnknownVariant)
	refuse[scale.Option[bool]](t, "02", scale.ErrUnknownVariant) // the one-byte form is not used
	refuse[scale.Result[uint8, uint8]](t, "0200", scale.ErrUnknownVariant)
	refuse[state](t, "02", scale.ErrUnknownVariant)
	refuse[shape](t, "01", scale.ErrUnknownVariant)
	refuse[string](t, "08c328", scale.ErrUTF8)
	refuse[string](t, "0861", scale.ErrUnexpectedEnd)
	refuse[[]byte](t, "fc", scale.ErrUnexpectedEnd)
	refuse[[]uint64](t, "feffffff", scale.ErrUnexpectedEnd)
	refuse[[]byte](t, "0300000040", scale.ErrUnexpectedEnd)
	refuse[[]byte](t, "070000000001", scale.ErrOverflow) // lengths are u32
	refuse[scale.BoundedVec[uint8, two]](t, "0c010203", scale.ErrTooLong)
	refuse[scale.WeakBoundedVec[uint32, two]](t, "0c"+zeros(12), scale.ErrTooLong)
	refuse[scale.BoundedBTreeMap[uint8, uint8, two]](t, "0c010002000300", scale.ErrTooLong)
	refuse[scale.BTreeMap[uint16, uint8]](t, "08"+"020000"+"010000", scale.ErrUnsorted)
	refuse[scale.BTreeMap[uint16, uint8]](t, "08"+"010000"+"010000", scale.ErrUnsorted)
	refuse[scale.BTreeMap[uint16, uint8]](t, "08"+"000100"+"010000", scale.ErrUnsorted) // 256 before 1
	refuse[scale.BTreeSet[[2]byte]](t, "08"+"0200"+"0101", scale.ErrUnsorted)
}

func TestCompactMustBeMinimalAndFit(t *testing.T) {
	for _, s := range []string{
		"0100", "fd00", // below 64 in two bytes
		"02000000", "feff0000", // below 2¹⁴ in four
		"03ffffff3f", "0300000000", // below 2³⁰ in four after a prefix
		"070000008000", "0f00000000000000", // a leading zero byte
	} {
		refuse[scale.Compact[uint64]](t, s, scale.ErrNonMinimal)
		refuse[scale.Compact[scale.U128]](t, s, scale.ErrNonMinimal)
	}
	refuse[scale.Compact[uint8]](t, "0104", scale.ErrOverflow) // 256
	refuse[scale.Compact[uint16]](t, "02000400", scale.ErrOverflow)
	refuse[scale.Compact[uint32]](t, "070000000001", scale.ErrOverflow)
	refuse[scale.Compact[uint64]](t, "17000000000000000001", scale.ErrOverflow)
	refuse[scale.Compact[scale.U128]](t, "37"+zeros(16)+"01", scale.ErrOverflow)
	refuse[scale.Compact[scale.U128]](t, "33ffff", scale.ErrUnexpectedEnd)
	refuse[scale.Compact[uint32]](t, "01", scale.ErrUnexpectedEnd)
	refuse[scale.Compact[uint32]](t, "020000", scale.ErrUnexpectedEnd)
}

type two struct{}

func (two) Max() int { return 2 }

type nest interface{ nest() }
type nestLeaf struct{}
type nestNode struct{ Inner nest }
type nestList struct{ Inner []nest }

func (nestLeaf) nest() {}
func (nestNode) nest() {}
func (nestList) nest() {}

var _ = scale.RegisterEnum[nest](scale.TypeInfo{Path: "x::Nest"},
	scale.V[nest, nestLeaf](0, "Leaf"), scale.V[nest, nestNode](1, "Node"), scale.V[nest, nestList](2, "List"))

type chain struct{ Next *chain }

func TestDepthIsBounded(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("01", n) + "00" }
	if _, err := scale.Unmarshal[nest](unhex(t, deep(scale.MaxDepth-1))); err != nil {
		t.Errorf("%d levels: %v", scale.MaxDepth, err)
	}
	refuse[nest](t, deep(scale.MaxDepth), scale.ErrDepth)
	refuse[nest](t, deep(1<<20), scale.ErrDepth)
	refuse[nest](t, strings.Repeat("0204", scale.MaxDepth)+"00", scale.ErrDepth)
	refuse[chain](t, "", scale.ErrDepth) // a box of itself, without end
}

func TestMemoryIsBounded(t *testing.T) {
	refuse[[]struct{}](t, "feffffff", scale.ErrBudget) // 2³⁰ elements of no size
	type big struct {
		Flag scale.Option[[4096]uint8]
	}
	// 2 MiB of None, each 4 KiB in memory: 8 GiB if nobody counted.
	input := append(unhex(t, "02008000"), make([]byte, 1<<21)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := scale.Unmarshal[[]big](input)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, scale.ErrBudget) {
		t.Errorf("2 MiB of None: %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("refusing took %d MiB", used>>20)
	}
	// Small input may claim the base amount, so that ordinary sparse values pass.
	if _, err := scale.Unmarshal[[]big](append(unhex(t, "91"+"01"), make([]byte, 100)...)); err != nil {
		t.Errorf("100 times None: %v", err)
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	raw := scale.MustMarshal(mixedValue())
	at := strings.Index(string(raw), "a file name") + len("a file name of usual length.bin") + 16 + 9 + 2
	if raw[at] != 4 {
		t.Fatalf("byte %d is %d, not the state", at, raw[at])
	}
	raw[at] = 3
	_, err := scale.Unmarshal[mixed](raw)
	if want := fmt.Sprintf("scale: at byte %d, State: unknown enum variant (3)", at); err == nil || err.Error() != want {
		t.Errorf("error = %v\nwant    %s", err, want)
	}
	raw[at] = 4
	raw[at+1+1+64] = 9 // Avail of the first part
	_, err = scale.Unmarshal[mixed](raw)
	if want := "Parts.Avail: " + scale.ErrBool.Error(); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error = %v, want …%s", err, want)
	}
}

func TestValuesThatCannotBeEncoded(t *testing.T) {
	type unknown struct{ nothing }
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"nil enum":         {fail(shape(nil)), scale.ErrNil},
		"foreign variant":  {fail(shape(unknown{})), scale.ErrUnregistered},
		"nil box":          {fail(boxed{}), scale.ErrNil},
		"unknown state":    {fail(state(2)), scale.ErrUnknownVariant},
		"long vector":      {fail(scale.BoundedVec[uint8, two]{1, 2, 3}), scale.ErrTooLong},
		"long weak vector": {fail(scale.WeakBoundedVec[point, two]{{}, {}, {}}), scale.ErrTooLong},
		"bad text":         {fail("\xc3\x28"), scale.ErrUTF8},
		"unregistered":     {fail[fmt.Stringer](nil), scale.ErrUnregistered},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	prefix := []byte{1, 2, 3}
	out, err := scale.Append(prefix, []shape{circle{1}, nil})
	if err == nil || len(out) != 3 {
		t.Errorf("a failed Append returns %x, %v", out, err)
	}
}

func fail[T any](v T) error {
	_, err := scale.Marshal(v)
	return err
}

type embeds struct {
	point
	Z uint32
}
type private struct{ x uint32 } //lint:ignore U1000 the codec must refuse it
type privateTagged struct {
	x uint32 `scale:"x"`
	y func() `scale:"-"` //lint:ignore U1000 the codec must skip it
}
type oddTag struct {
	X uint32 `scale:"x,packed"`
}
type compactText struct {
	X string `scale:"x,compact"`
}
type halfCustom struct{ X uint32 }

func (halfCustom) AppendScale(dst []byte) ([]byte, error) { return dst, nil }

type pointerCustom struct{ X uint32 }

func (*pointerCustom) AppendScale(dst []byte) ([]byte, error) { return dst, nil }
func (*pointerCustom) DecodeScale(*scale.Decoder) error       { return nil }

func TestTypesWithoutForm(t *testing.T) {
	for name, err := range map[string]error{
		"int":               fail(1),
		"uint":              fail(uint(1)),
		"float":             fail(1.5),
		"map":               fail(map[string]bool{}),
		"func":              fail(func() {}),
		"embedded":          fail(embeds{}),
		"embedded codec":    fail(struct{ scale.U128 }{}),
		"unexported":        fail(private{}),
		"odd tag":           fail(oddTag{}),
		"compact text":      fail(compactText{}),
		"half a codec":      fail(halfCustom{}),
		"codec on pointer":  fail(pointerCustom{}),
		"key without order": fail(scale.BTreeMap[scale.Option[uint8], bool]{}),
	} {
		if err == nil {
			t.Errorf("%s encodes", name)
		}
	}
	check(t, privateTagged{x: 1}, "01000000")
}
