package jobs

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs one job that is told by the test what to return.
func start(t *testing.T, every time.Duration) (s *Supervisor, runs chan struct{}, results chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s = New(slog.New(slog.DiscardHandler), Backoff{Min: time.Millisecond, Max: 2 * time.Millisecond})
	runs, results = make(chan struct{}), make(chan error)
	s.Start(ctx, Job{Name: "job", Every: every, Run: func(ctx context.Context, p *Progress) error {
		p.Doing("step %d", 1)
		select {
		case runs <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case err := <-results:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
	t.Cleanup(func() {
		cancel()
		s.Wait()
	})
	return s, runs, results
}

// settled waits until the job does not run.
func settled(t *testing.T, s *Supervisor) Status {
	t.Helper()
	for {
		if st := s.Status()[0]; st.Doing == "" {
			return st
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the job never ends")
		case <-time.After(time.Millisecond):
		}
	}
}

func TestStatusTellsWhatAndWhy(t *testing.T) {
	s, runs, results := start(t, time.Hour)
	<-runs
	if st := s.Status()[0]; st.Doing != "step 1" || !st.Next.IsZero() {
		t.Errorf("while it runs: %+v", st)
	}
	results <- Waitf("no worker for %s", "tags")
	if st := settled(t, s); st.Waiting != "no worker for tags" || st.Error != "" {
		t.Errorf("while it waits: %+v", st)
	}
	s.Wake("job")
	<-runs
	results <- nil
	if st := settled(t, s); st.Waiting != "" || st.Error != "" || st.Failures != 0 {
		t.Errorf("after success: %+v", st)
	}
}

func TestFailedJobComesBackByItself(t *testing.T) {
	s, runs, results := start(t, time.Hour)
	for range 3 { // the pause of an hour does not count after failures
		<-runs
		results <- errors.New("no luck")
	}
	<-runs
	if st := s.Status()[0]; st.Failures != 3 || st.Error != "no luck" {
		t.Errorf("after three failures: %+v", st)
	}
	results <- nil
	if st := settled(t, s); st.Failures != 0 {
		t.Errorf("after success: %+v", st)
	}
}

func TestWakeWhileRunningRunsAgain(t *testing.T) {
	s, runs, results := start(t, time.Hour)
	<-runs
	s.Wake("job", "another")
	s.Wake("job")
	results <- nil
	<-runs
	results <- nil
	if st := settled(t, s); st.Error != "" {
		t.Errorf("after success: %+v", st)
	}
}

func TestBackoffStaysInRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Backoff{Min: time.Duration(rapid.Int64Range(1, 1e9).Draw(t, "min")), Max: time.Duration(rapid.Int64Range(1, 1e12).Draw(t, "max"))}
		if d := b.After(rapid.Int().Draw(t, "failures")); d < 0 || d > b.Max {
			t.Fatalf("%v", d)
		}
	})
}
