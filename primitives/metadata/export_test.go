package metadata

// Renumber gives every type of m a new id.
func Renumber(m *Metadata, to func(TypeID) TypeID) (*Metadata, error) {
	blob, err := m.EncodeV15()
	if err != nil {
		return nil, err
	}
	c, err := Decode(blob)
	if err != nil {
		return nil, err
	}
	rename := func(id *TypeID) { *id = to(*id) }
	types := make([]Type, len(c.Types))
	for i := range c.Types {
		c.Types[i].eachRef(rename)
		types[to(TypeID(i))] = c.Types[i]
	}
	c.Types = types
	c.eachRef(rename)
	return c, nil
}
