package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gocess/gocess/ledger/pallets/balances"
	"github.com/gocess/gocess/ledger/pallets/system"
	"github.com/gocess/gocess/primitives/substrate"
	"github.com/gocess/gocess/sdk"
)

// meter follows the chain under load.
type meter struct {
	load   *load
	pid    int
	blocks []Block
	first  int // the block at which measuring began
	before Usage
	after  Usage
	own    time.Duration // CPU time of this process before
	spent  time.Duration // CPU time of this process while measuring
	ended  time.Time
}

// drainTime is how long the transfers may take that are under way at the end.
const drainTime = time.Minute

// watch measures, ends the load, and waits until nothing of it is left in the
// node's pool: another benchmark may follow.
func (m *meter) watch(ctx context.Context, heads *sdk.Heads) error {
	began := time.Now()
	m.first = -1
	for m.ended.IsZero() {
		b, err := m.next(ctx, heads)
		if err != nil {
			return err
		}
		m.blocks = append(m.blocks, b)
		if m.load.cfg.Progress != nil {
			m.load.cfg.Progress(b)
		}
		switch {
		case m.first < 0 && b.At.Sub(began) >= m.load.cfg.Warmup:
			m.first = len(m.blocks) - 1
			m.before, m.own = UsageOf(m.pid), UsageOf(os.Getpid()).CPU
		case m.first >= 0 && b.At.Sub(m.blocks[m.first].At) >= m.load.cfg.Duration:
			m.after, m.spent = UsageOf(m.pid), UsageOf(os.Getpid()).CPU-m.own
			m.ended = b.At
		}
	}
	m.load.end()
	for {
		b, err := m.next(ctx, heads)
		if err != nil || b.Included >= m.load.total() || b.At.Sub(m.ended) > drainTime {
			return err
		}
	}
}

// total is the number of transfers that were sent.
func (l *load) total() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent
}

func (m *meter) next(ctx context.Context, heads *sdk.Heads) (Block, error) {
	header, err := heads.Next(ctx)
	if err != nil {
		return Block{}, err
	}
	return m.block(ctx, header)
}

// block counts the transfers that are final as of a header: what the accounts'
// nonces grew by.
func (m *meter) block(ctx context.Context, header substrate.Header) (Block, error) {
	b := Block{Number: header.Number, At: time.Now()}
	var err error
	if b.hash, err = header.Hash(); err != nil {
		return b, err
	}
	at := m.load.client.At(b.hash)
	infos, err := sdk.FindMany(ctx, at, system.Accounts, m.load.whos)
	if err != nil {
		return b, err
	}
	for i, who := range m.load.whos {
		b.Included += int(infos[who].Nonce - m.load.ring.nonces[i])
	}
	weight, err := sdk.Get(ctx, at, system.BlockWeight)
	if err != nil {
		return b, err
	}
	if limit, ok := system.BlockWeights.Default().PerClass.Normal.MaxTotal.Get(); ok {
		b.Fullness = float64(weight.Normal.RefTime) / float64(limit.RefTime)
	}
	m.load.mu.Lock()
	m.load.included = b.Included
	m.load.room.Broadcast()
	m.load.mu.Unlock()
	return b, nil
}

func (m *meter) result(ctx context.Context) (*TransferResult, error) {
	blocks := m.blocks[m.first:]
	first, last := blocks[0], blocks[len(blocks)-1]
	r := &TransferResult{
		Transfers: last.Included - first.Included, Elapsed: last.At.Sub(first.At), Blocks: len(blocks) - 1,
		TxBytes: m.load.txBytes, Generator: m.spent, Node: m.after, NodeCPU: m.after.CPU - m.before.CPU,
	}
	if r.Transfers == 0 || r.Blocks == 0 {
		return nil, errors.New("bench: no transfer became final")
	}
	for _, b := range blocks[1:] {
		r.Fullness += b.Fullness / float64(r.Blocks)
	}
	r.SlowestTen = slowest(blocks, 10*time.Second)
	return r, m.verify(ctx, blocks)
}

// slowest is the lowest rate over any stretch of blocks that lasts at least d,
// or over all if none does.
func slowest(blocks []Block, d time.Duration) float64 {
	rate := func(a, b Block) float64 { return float64(b.Included-a.Included) / b.At.Sub(a.At).Seconds() }
	low := rate(blocks[0], blocks[len(blocks)-1])
	for i, j := 0, 0; i < len(blocks); i++ {
		for j < len(blocks) && blocks[j].At.Sub(blocks[i].At) < d {
			j++
		}
		if j == len(blocks) {
			break
		}
		low = min(low, rate(blocks[i], blocks[j]))
	}
	return low
}

// verify looks at the events of some blocks: every transfer that counts must
// have succeeded.
func (m *meter) verify(ctx context.Context, blocks []Block) error {
	for _, i := range []int{1, len(blocks) / 2, len(blocks) - 1} {
		if i < 1 {
			continue
		}
		records, err := sdk.Get(ctx, m.load.client.At(blocks[i].hash), system.Events)
		if err != nil {
			return err
		}
		transfers := 0
		for _, r := range records {
			if _, ok := r.Event.Event.(balances.TransferEvent); ok {
				transfers++
			}
		}
		if want := blocks[i].Included - blocks[i-1].Included; transfers != want {
			return fmt.Errorf("bench: block %d includes %d transfers, but %d succeeded", blocks[i].Number, want, transfers)
		}
	}
	return nil
}
