package follow

// KnowAtMost bounds the entries that parts know between pages.
func (p *Parts) KnowAtMost(n int) { p.most = n }
