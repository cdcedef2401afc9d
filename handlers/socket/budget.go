package socket

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"chatserver/chat"
)

const (
	// budgetBurst is the burst of a budget, in seconds of its rate. With the default of
	// 64 kB/s it is 128 kB, which fits a member's queue (maxQueue) beside what may wait
	// there already (behindAbove): no single payer can overflow the queue of a member whose
	// connection carries 64 kB/s, however many rooms the two share.
	budgetBurst = 2
	// servedPerByte is how many bytes may be read from and written to a payer for each byte
	// that it may cause to be sent to others. A reconnecting client reads a page of every room.
	servedPerByte = 256
	// deliveryCost is the fixed cost of a message or an ephemeral event beside its bytes, in bytes.
	deliveryCost = 512
	// frameCost is the fixed cost of reading a frame: with its answer it takes as long as
	// copying a few kilobytes.
	frameCost = 4 << 10
	// maxDebt is how far a budget may be overdrawn before messages in chat.v1 are
	// refused with slow_down instead of being held. It is below the 10 s after which the
	// page gives up on an acknowledgement or a pong.
	maxDebt = 2 * time.Second
	// maxAccounts bounds the memory for accounts, about 400 bytes each: beyond it the
	// least recently used account is forgotten, and starts with a full budget again.
	maxAccounts = 10_000
)

// budgets limit the bytes that a payer (see chat.Payer) may cost over all its connections: an
// address with a hundred connections has one budget. Nothing is dropped: a payer over budget
// is first throttled, and then refused with slow_down.
type budgets struct {
	perSecond int // bytes; 0 = no limit
	accounts  *lru.Cache[chat.Payer, *account]
}

// account holds the budgets of one payer.
type account struct {
	delivered budget // bytes sent to each member of a room because of the payer
	served    budget // bytes read from the payer, and written to it alone
}

func newBudgets(perSecond int) *budgets {
	known, err := lru.New[chat.Payer, *account](maxAccounts)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &budgets{perSecond, known}
}

// of returns the account of a payer, or nil if there is no limit.
func (b *budgets) of(payer chat.Payer) *account {
	if b.perSecond == 0 {
		return nil
	}
	if known, ok := b.accounts.Get(payer); ok {
		return known
	}
	fresh := &account{newBudget(b.perSecond), newBudget(servedPerByte * b.perSecond)}
	if known, ok, _ := b.accounts.PeekOrAdd(payer, fresh); ok {
		return known // another connection of the payer was faster
	}
	return fresh
}

// budget is a token bucket of bytes that may be overdrawn.
type budget struct{ *rate.Limiter }

func newBudget(perSecond int) budget {
	return budget{rate.NewLimiter(rate.Limit(perSecond), budgetBurst*perSecond)}
}

// spend charges bytes, even more than a burst, and returns how long to wait until the budget
// covers them.
func (b budget) spend(bytes int) (wait time.Duration) {
	for now := time.Now(); bytes > 0; bytes -= b.Burst() {
		wait = b.ReserveN(now, min(bytes, b.Burst())).DelayFrom(now)
	}
	return wait
}

// allow charges bytes if the budget covers them, and reports whether it does.
func (b budget) allow(bytes int) bool {
	now := time.Now()
	return b.AllowN(now, bytes)
}

// debt returns how long it takes until the budget is no longer overdrawn, or 0.
func (b budget) debt() time.Duration {
	return max(0, time.Duration(-b.Tokens()/float64(b.Limit())*float64(time.Second)))
}
