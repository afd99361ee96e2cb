package sminer_test

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/gocess/gocess/ledger/types"
	"github.com/gocess/gocess/primitives/scale"
)

// ledger is what rewards should be, in big integers and closed forms: an order
// of x planck has paid x/2 and what 90 parts of the other half leave over, and
// as many parts as days have passed.
type ledger struct {
	rounds map[uint32]*big.Int
	power  map[uint32]*big.Int
	done   map[account][]challenge
	orders map[account][]order
	issued map[account]*big.Int
}

type challenge struct {
	era, finish uint32
	power       *big.Int
}

type order struct {
	x      *big.Int
	finish uint32
}

func newLedger() *ledger {
	return &ledger{
		rounds: map[uint32]*big.Int{}, power: map[uint32]*big.Int{},
		done: map[account][]challenge{}, orders: map[account][]order{}, issued: map[account]*big.Int{},
	}
}

func of[K comparable](m map[K]*big.Int, k K) *big.Int {
	if m[k] == nil {
		m[k] = new(big.Int)
	}
	return m[k]
}

func percent(v scale.U128, n int64) *big.Int {
	x := v.Big()
	return x.Mul(x, big.NewInt(n)).Div(x, big.NewInt(100))
}

func (l *ledger) payout(era uint32, x types.Balance) {
	of(l.rounds, era).Add(of(l.rounds, era), x.Big())
}

func (l *ledger) pass(who account, era, finish uint32, idle, service scale.U128) {
	p := percent(idle, 5)
	p.Add(p, percent(service, 95))
	l.done[who] = append(l.done[who], challenge{era, finish, p})
	of(l.power, era).Add(of(l.power, era), p)
}

func (l *ledger) undo(who account, era, finish uint32) {
	l.done[who] = slices.DeleteFunc(l.done[who], func(c challenge) bool {
		if c.era != era || c.finish != finish {
			return false
		}
		of(l.power, era).Sub(of(l.power, era), c.power)
		return true
	})
}

// settle makes orders of the challenges of past eras that have a payout.
func (l *ledger) settle(who account, current uint32) {
	l.done[who] = slices.DeleteFunc(l.done[who], func(c challenge) bool {
		if c.era >= current || of(l.rounds, c.era).Sign() == 0 {
			return false
		}
		if c.power.Sign() > 0 {
			x := new(big.Int).Mul(c.power, big.NewInt(1e9))
			x.Div(x, of(l.power, c.era)).Mul(x, of(l.rounds, c.era)).Div(x, big.NewInt(1e9))
			l.orders[who] = append(l.orders[who], order{x, c.finish})
		}
		return true
	})
}

// claim settles and returns what is paid at block now.
func (l *ledger) claim(who account, current, now uint32) types.Balance {
	l.settle(who, current)
	paid := new(big.Int)
	for _, o := range l.orders[who] {
		part := new(big.Int).Div(new(big.Int).Div(o.x, big.NewInt(2)), big.NewInt(90))
		left := int64(90 - min(90, (now-o.finish)/day))
		paid.Add(paid, o.x).Sub(paid, new(big.Int).Mul(part, big.NewInt(left)))
	}
	due := new(big.Int).Sub(paid, of(l.issued, who))
	l.issued[who] = paid
	return u128(due)
}

func (l *ledger) total(who account) types.Balance {
	sum := new(big.Int)
	for _, o := range l.orders[who] {
		sum.Add(sum, o.x)
	}
	return u128(sum)
}

// drop forgets a miner that was forced out: its challenges do not count.
func (l *ledger) drop(who account) {
	for _, c := range slices.Clone(l.done[who]) {
		l.undo(who, c.era, c.finish)
	}
}

func u128(x *big.Int) scale.U128 {
	v, ok := scale.U128FromBig(x)
	if !ok {
		panic(fmt.Sprintf("%v planck", x))
	}
	return v
}
