package scale

import "reflect"

// CowStr is Cow<'static, str>: a string with the metadata path Cow.
type CowStr string

// CowVec is Cow<'static, [T]>: a vector with the metadata path Cow.
type CowVec[T any] []T

func (CowStr) scaleContainer() container {
	return container{
		self: reflect.TypeFor[CowStr](),
		plan: func(*builder) (*plan, error) { return stringPlan, nil },
		def:  func() (*TypeDef, error) { return cowDef(TypeOf[string]()), nil },
	}
}

func (CowVec[T]) scaleContainer() container {
	self := reflect.TypeFor[CowVec[T]]()
	return container{
		self: self,
		plan: func(b *builder) (*plan, error) { return b.slice(self, nil) },
		def:  func() (*TypeDef, error) { return cowDef(TypeOf[[]T]()), nil },
	}
}

func cowDef(inner Type) *TypeDef {
	return &TypeDef{Path: "Cow", Params: []Param{{"T", inner}}, Kind: KindComposite, Fields: []Field{{Type: inner}}}
}
