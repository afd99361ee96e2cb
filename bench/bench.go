// Package bench measures what the project promises, each figure beside its
// budget and a baseline from the same run. `cess bench` and run.sh use it.
//
// Figures are wall-clock rates of this machine at this moment; a report says
// how busy the machine was.
package bench

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
)

// Figure is one measured number.
type Figure struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Budget is what the project promises, "" if nothing.
	Budget string `json:"budget,omitempty"`
	// Beside is what to compare with: a baseline or a published number.
	Beside string `json:"beside,omitempty"`
}

// Text is the number with its unit, to three digits or so.
func (f Figure) Text() string {
	format := "%.0f %s"
	switch {
	case f.Value != 0 && f.Value < 10:
		format = "%.2f %s"
	case f.Value < 100:
		format = "%.1f %s"
	}
	return strings.TrimSpace(fmt.Sprintf(format, f.Value, f.Unit))
}

// Report is the result of one benchmark.
type Report struct {
	Title   string   `json:"title"`
	Machine Machine  `json:"machine"`
	Figures []Figure `json:"figures"`
	// Notes say how the figures came about.
	Notes []string `json:"notes,omitempty"`
}

// NewReport starts a report on this machine.
func NewReport(title string) *Report { return &Report{Title: title, Machine: ThisMachine()} }

// Add appends a figure.
func (r *Report) Add(f Figure) { r.Figures = append(r.Figures, f) }

// Note appends a remark.
func (r *Report) Note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Print writes the report for people.
func (r *Report) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "%s\n%s\n\nWHAT\tMEASURED\tBUDGET\tBESIDE\n", r.Title, r.Machine)
	for _, f := range r.Figures {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", f.What, f.Text(), f.Budget, f.Beside)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(t, "(%s)\n", n)
	}
	return t.Flush()
}

// Markdown writes the report as a section of a document.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n| what | measured | budget | beside |\n|---|---|---|---|\n", r.Title, r.Machine)
	for _, f := range r.Figures {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.What, f.Text(), f.Budget, f.Beside)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// Machine says where a benchmark ran. Load is the average number of processes
// that wanted a CPU in the minute before it began.
type Machine struct {
	CPU  string `json:"cpu"`
	CPUs int    `json:"cpus"`
	Load string `json:"load"`
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %d CPUs, load before %s", m.CPU, m.CPUs, m.Load)
}

// ThisMachine describes this machine; what it does not tell is "unknown".
func ThisMachine() Machine {
	m := Machine{CPU: "unknown", CPUs: runtime.NumCPU(), Load: "unknown"}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				m.CPU = strings.TrimSpace(value)
				break
			}
		}
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		if fields := strings.Fields(string(b)); len(fields) > 0 {
			m.Load = fields[0]
		}
	}
	return m
}
