package runtime

// DryRun tells what an extrinsic would do as the only one of the block after
// parent, without a trace. refused is why no block would include it; result is
// what its call returned. err is a failure of the node.
func (rt *Runtime) DryRun(parent Parent, info BlockInfo, c *Checked) (result, refused, err error) {
	x, err := rt.NewBlock(parent, info)
	if err != nil {
		return nil, nil, err
	}
	if err := x.Apply(c); err != nil {
		if IsValidityError(err) {
			return nil, err, nil
		}
		return nil, nil, err
	}
	return x.result, nil, nil
}
