package miner

import "github.com/gocess/gocess/nodes/miner/jobs"

// The miner's jobs.
const (
	jobRegister = "registration"
	jobReport   = "reports"
	jobTags     = "tags"
	jobIdle     = "idle challenge"
	jobService  = "service challenge"
	jobGenerate = "idle generation"
	jobSpace    = "idle space"
	jobRestore  = "restoral"
	jobRewards  = "rewards"
	jobCollect  = "deleted files"
	jobCheck    = "self-check"
)

func (m *Miner) jobList() []jobs.Job {
	c := &m.cfg
	list := []jobs.Job{
		{Name: jobRegister, Every: 10 * c.Every, Run: m.register},
		{Name: jobService, Every: c.Every, Run: m.answerService},
		{Name: jobIdle, Every: c.Every, Run: m.answerIdle},
		{Name: jobReport, Every: c.Every, Run: m.reports},
		{Name: jobTags, Every: 5 * c.Every, Run: m.tagFiles},
		{Name: jobSpace, Every: c.SpaceEvery, Run: m.advanceSpace},
		{Name: jobGenerate, Every: c.SpaceEvery, Run: m.generate},
		{Name: jobRestore, Every: c.RestoreEvery, Run: m.restore},
		{Name: jobCollect, Every: c.CollectEvery, Run: m.collect},
	}
	if c.ClaimEvery > 0 {
		list = append(list, jobs.Job{Name: jobRewards, Every: c.ClaimEvery, Run: m.claimRewards})
	}
	if c.CheckEvery > 0 {
		list = append(list, jobs.Job{Name: jobCheck, Every: c.CheckEvery, Run: m.scrub})
	}
	return list
}
