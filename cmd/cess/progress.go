package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress is a bar on a terminal, with rate and time left; in a pipe and with
// --json it shows nothing.
type progress struct {
	container *mpb.Progress
	bar       *mpb.Bar
}

// startProgress begins a bar for total bytes. The caller ends it with done.
func startProgress(cmd *cobra.Command, label string, total int64) *progress {
	if asJSON(cmd) || !onTerminal() {
		return &progress{}
	}
	return newProgress(os.Stderr, label, total)
}

func newProgress(w io.Writer, label string, total int64) *progress {
	p := &progress{container: mpb.New(mpb.WithOutput(w), mpb.WithWidth(48), mpb.WithAutoRefresh())}
	p.bar = p.container.AddBar(max(total, 1),
		mpb.PrependDecorators(
			decor.Name(label, decor.WC{C: decor.DindentRight | decor.DextraSpace}),
			decor.CountersKibiByte("% .1f / % .1f"),
		),
		mpb.AppendDecorators(
			decor.AverageSpeed(decor.SizeB1024(0), "% .1f"),
			decor.Name(" "),
			decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO), "done"),
		),
	)
	return p
}

// set shows that n bytes in all are done.
func (p *progress) set(n int64) {
	if p.bar != nil {
		p.bar.SetCurrent(n)
	}
}

// done ends the bar where it stands, and leaves it to be read.
func (p *progress) done() {
	if p.bar != nil {
		p.bar.Abort(false)
		p.container.Wait()
	}
}
