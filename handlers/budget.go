package handlers

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"chatserver/chat"
)

const (
	// budgetBurst is the burst of a budget, in seconds of its rate. With the default of
	// 64 kB/s it is 128 kB, which fits a member's queue (maxQueue) beside what may wait
	// there already (calmQueue): no single payer can overrun the queue of a member whose
	// line takes 64 kB/s, in however many rooms the two meet.
	budgetBurst = 2
	// servedPerByte is how many bytes may be read from and written to a payer for each
	// byte that others may be sent because of it: a client that reconnects reads a page
	// of every room.
	servedPerByte = 256
	// deliveryCost is the fixed cost of a message or a hint beside its bytes, in bytes.
	deliveryCost = 512
	// frameCost is the same for a frame that is read: with its answer it takes as long
	// as copying some kilobytes.
	frameCost = 4 << 10
	// maxDebt is how far a budget may be overdrawn before messages in chat.v1 are
	// refused with slow_down instead of being held. It is below the 10 s after which the
	// page gives up on an acknowledgement or a pong.
	maxDebt = 2 * time.Second
	// maxAccounts bounds the memory for accounts, about 400 bytes each: beyond it the
	// least recently used account is forgotten, and starts with a full budget again.
	maxAccounts = 10_000
)

// budgets limit what a payer (see chat.Payer) costs in bytes, over all its connections:
// an address with a hundred connections has the budget of one. Nothing is dropped: a
// payer over budget is read more slowly, and then told to slow down.
type budgets struct {
	perSecond int // bytes; 0 = no limit
	accounts  *lru.Cache[chat.Payer, *account]
}

// account is what one payer has left.
type account struct {
	delivered budget // what each member of a room is sent because of the payer
	served    budget // what is read from the payer, and written to it alone
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
		return known // another connection of the payer came at the same moment
	}
	return fresh
}

// budget is a token bucket of bytes that may be overdrawn.
type budget struct{ *rate.Limiter }

func newBudget(perSecond int) budget {
	return budget{rate.NewLimiter(rate.Limit(perSecond), budgetBurst*perSecond)}
}

// spend takes bytes off the budget, also more than a burst, and returns how long to wait
// until they are covered.
func (b budget) spend(bytes int) (wait time.Duration) {
	for now := time.Now(); bytes > 0; bytes -= b.Burst() {
		wait = b.ReserveN(now, min(bytes, b.Burst())).DelayFrom(now)
	}
	return wait
}

// allow takes bytes off the budget if it covers them, and reports whether it does.
func (b budget) allow(bytes int) bool {
	now := time.Now()
	return b.AllowN(now, bytes)
}

// debt returns how long the budget takes to be positive again; 0 if it is.
func (b budget) debt() time.Duration {
	return max(0, time.Duration(-b.Tokens()/float64(b.Limit())*float64(time.Second)))
}
