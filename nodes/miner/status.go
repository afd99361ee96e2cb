package miner

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/gocess/gocess/internal/httpx"
	"github.com/gocess/gocess/internal/version"
	"github.com/gocess/gocess/ledger/pallets/sminer"
	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/nodes/miner/jobs"
	"github.com/gocess/gocess/nodes/miner/tees"
	"github.com/gocess/gocess/sdk"
)

// Status is the answer of GET /status; sizes in bytes. The first names are
// upstream's, which monitors read.
type Status struct {
	PID              int    `json:"pid"`
	Version          string `json:"version"`
	Cores            int    `json:"cores"`
	Endpoint         string `json:"endpoint"`
	RPC              string `json:"current_rpc"`
	RPCOK            bool   `json:"current_rpc_status"`
	StartTime        int64  `json:"start_time"` // Unix seconds
	State            string `json:"state"`
	SignatureAccount string `json:"signature_acc"`
	StakingAccount   string `json:"staking_acc"`
	EarningsAccount  string `json:"earnings_acc"`
	DeclarationSpace string `json:"declaration_space"`
	IdleSpace        string `json:"idle_space"`
	ServiceSpace     string `json:"service_space"`
	LockSpace        string `json:"lock_space"`

	IdleChallenging    bool `json:"idle_challenging"`
	ServiceChallenging bool `json:"service_challenging"`
	GeneratingIdle     bool `json:"generating_idle"`
	CertifyingIdle     bool `json:"certifying_idle"`
	CheckingIdle       bool `json:"checking_idle"`

	// Height is the block that the figures are of.
	Height        types.BlockNumber `json:"height"`
	Fragments     int               `json:"fragments"`
	FragmentBytes int64             `json:"fragment_bytes"` // with their tags
	IdleFiles     int64             `json:"idle_files"`     // certified, on disk
	ReadySets     int               `json:"ready_sets"`     // generated, not certified
	// Miners is the number of miners of the chain, of which each draw challenges
	// one by chance; there is no telling who is next.
	Miners uint32 `json:"miners"`
	// Doing is the most urgent thing that is done now, or why nothing is.
	Doing     string           `json:"doing"`
	Jobs      []jobs.Status    `json:"jobs"`
	Workers   []tees.Health    `json:"tee_workers"`
	Challenge *ChallengeStatus `json:"challenge,omitempty"`
	Earnings  *Earnings        `json:"earnings,omitempty"`
	Problem   string           `json:"problem,omitempty"` // why figures are old or missing
	// Collateral and Debt are in planck.
	Collateral types.Balance `json:"collateral"`
	Debt       types.Balance `json:"debt"`
}

// ChallengeStatus is the open challenge; times are blocks.
type ChallengeStatus struct {
	Start          types.BlockNumber `json:"start"`
	IdleUntil      types.BlockNumber `json:"idle_until"`
	ServiceUntil   types.BlockNumber `json:"service_until"`
	VerdictUntil   types.BlockNumber `json:"verdict_until"`
	IdleProven     bool              `json:"idle_proven"`
	IdleJudged     bool              `json:"idle_judged"`
	ServiceProven  bool              `json:"service_proven"`
	ServiceJudged  bool              `json:"service_judged"`
	ServiceVerdict *bool             `json:"service_verdict,omitempty"`
	IdleVerdict    *bool             `json:"idle_verdict,omitempty"`
}

// Status tells what the miner is and does. Without the chain it has the last
// figures that are known, and says so.
func (m *Miner) Status(ctx context.Context) Status {
	s := Status{
		PID: os.Getpid(), Version: version.Text(), Cores: m.cfg.Cores, Endpoint: m.Endpoint(), RPC: m.cfg.Chain,
		StartTime: m.began.Unix(), SignatureAccount: types.Address(m.account).String(),
		Jobs: m.jobs.Status(), Workers: m.tees.Health(),
	}
	s.Doing = mostUrgent(s.Jobs)
	l, err := m.look(ctx)
	if err == nil {
		s.RPCOK = true
		if e, err := EarningsOf(ctx, l.at, m.account); err == nil {
			s.Earnings = &e
		}
		if n, err := sdk.Get(ctx, l.at, sminer.Miners.Counter); err == nil {
			s.Miners = n
		}
		m.mu.Lock()
		m.last = l
		m.mu.Unlock()
	} else {
		s.Problem = fmt.Sprintf("the chain does not answer: %v", err)
		m.mu.Lock()
		l = m.last
		m.mu.Unlock()
	}
	if l != nil {
		s.fill(l)
	}
	if s.Fragments, s.FragmentBytes, err = m.store.Usage(); err != nil {
		s.Problem = err.Error()
	}
	if st, _, ok := m.idle.opened(); ok {
		local := st.Status()
		s.IdleFiles, s.ReadySets = local.Rear-local.Front, len(st.Ready())
	}
	for _, j := range s.Jobs {
		busy := j.Doing != ""
		switch j.Name {
		case jobIdle:
			s.IdleChallenging = busy
		case jobService:
			s.ServiceChallenging = busy
		case jobGenerate:
			s.GeneratingIdle = busy
		case jobSpace:
			s.CertifyingIdle = busy
		case jobCheck:
			s.CheckingIdle = busy
		}
	}
	return s
}

func (s *Status) fill(l *look) {
	s.Height = l.height
	s.State = "not registered"
	if l.found {
		s.State = l.state()
		s.StakingAccount, s.EarningsAccount = types.Address(l.me.StakingAccount).String(), types.Address(l.me.Beneficiary).String()
		s.Collateral, s.Debt = l.me.Collateral, l.me.Debt
	}
	s.DeclarationSpace, s.IdleSpace = l.me.DeclarationSpace.String(), l.me.IdleSpace.String()
	s.ServiceSpace, s.LockSpace = l.me.ServiceSpace.String(), l.me.LockSpace.String()
	c := l.challenge
	if c == nil {
		return
	}
	s.Challenge = &ChallengeStatus{
		Start: c.Element.Start, IdleUntil: c.Element.IdleSlip, ServiceUntil: c.Element.ServiceSlip, VerdictUntil: c.Element.VerifySlip,
	}
	if p, ok := c.Proofs.Idle.Get(); ok {
		s.Challenge.IdleProven = true
		if v, ok := p.Verdict.Get(); ok {
			s.Challenge.IdleJudged, s.Challenge.IdleVerdict = true, &v
		}
	}
	if p, ok := c.Proofs.Service.Get(); ok {
		s.Challenge.ServiceProven = true
		if v, ok := p.Verdict.Get(); ok {
			s.Challenge.ServiceJudged, s.Challenge.ServiceVerdict = true, &v
		}
	}
}

// mostUrgent picks what to tell of the jobs: they are in the order of urgency.
func mostUrgent(list []jobs.Status) string {
	for _, j := range list {
		if j.Doing != "" && j.Doing != jobs.Looking {
			return j.Doing
		}
	}
	for _, j := range list {
		if j.Error != "" {
			return fmt.Sprintf("%s failed and is tried again: %s", j.Name, j.Error)
		}
	}
	return "waiting for work"
}

func (m *Miner) getStatus(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	httpx.OK(w, m.Status(ctx))
}

// owner lets a request pass that the miner's own account signed.
func (m *Miner) owner(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		account, err := types.ParseAddress(r.Header.Get("Account"))
		if err != nil || account != m.account || !fresh(r.Header.Get("Message"), time.Now()) {
			httpx.FailStatus(w, http.StatusForbidden, "only the miner's own account may do this, with a message that expires soon")
			return
		}
		next(w, r)
	}
}

// fresh says whether a message is a time in the next minutes: milliseconds
// since 1970 at which the signature expires.
func fresh(message string, now time.Time) bool {
	var ms int64
	if _, err := fmt.Sscanf(message, "%d", &ms); err != nil || fmt.Sprint(ms) != message {
		return false
	}
	left := time.UnixMilli(ms).Sub(now)
	return left > 0 && left <= signatureLife
}

// postCheck checks all data and answers with the report; the body has the
// options as JSON.
func (m *Miner) postCheck(w http.ResponseWriter, r *http.Request) {
	var o struct {
		Proof bool `json:"proof"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&o); err != nil {
		httpx.Fail(w, http.StatusBadRequest, "options: "+err.Error())
		return
	}
	if !m.checking.TryLock() {
		httpx.Fail(w, http.StatusServiceUnavailable, "a check is running")
		return
	}
	defer m.checking.Unlock()
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Time{})
	_ = rc.SetWriteDeadline(time.Time{}) // it takes as long as it takes
	report, err := m.Check(r.Context(), CheckOptions{Proof: o.Proof, Tags: true})
	if err != nil {
		httpx.Fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	httpx.OK(w, report)
}
