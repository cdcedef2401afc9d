package socket

import (
	"net/netip"
	"testing"
	"time"

	"chatserver/chat"
)

// All connections of an address share a budget, and all addresses of an IPv6 /64 count as
// one. On loopback each user has a budget.
func TestWhoSharesABudget(t *testing.T) {
	b := newBudgets(1000)
	of := func(address, user string) *account {
		return b.of(chat.PayerOf(netip.MustParseAddr(address), chat.User{ID: user}))
	}
	for _, test := range []struct {
		what, address, user, other, otherUser string
		shared                                bool
	}{
		{"two users of an address", "203.0.113.7", "ann", "203.0.113.7", "bob", true},
		{"one network of IPv6", "2001:db8::1", "ann", "2001:db8::2", "bob", true},
		{"the same address, written otherwise", "203.0.113.7", "ann", "::ffff:203.0.113.7", "ann", true},
		{"one user of this machine", "127.0.0.1", "ann", "::1", "ann", true},
		{"two addresses", "203.0.113.7", "ann", "203.0.113.8", "ann", false},
		{"two networks of IPv6", "2001:db8::1", "ann", "2001:db8:0:1::1", "ann", false},
		{"two users of this machine", "127.0.0.1", "ann", "127.0.0.1", "bob", false},
	} {
		if shared := of(test.address, test.user) == of(test.other, test.otherUser); shared != test.shared {
			t.Errorf("%s share a budget: %t", test.what, shared)
		}
	}
	if newBudgets(0).of(chat.Payer{}) != nil {
		t.Error("a payer has an account although there is no limit")
	}
}

// Bytes beyond the burst wait until the rate covers them.
func TestABudgetIsSpentAtItsRate(t *testing.T) {
	for _, test := range []struct {
		spent []int
		wait  time.Duration
	}{
		{[]int{2000}, 0},
		{[]int{1000, 1000}, 0},
		{[]int{2000, 1000}, time.Second},
		{[]int{10_000}, 8 * time.Second},
		{[]int{10_000, 3500}, 11500 * time.Millisecond},
	} {
		budget, began, wait := newBudget(1000), time.Now(), time.Duration(0)
		for _, bytes := range test.spent {
			wait = budget.spend(bytes)
		}
		owed := budget.debt()
		if took := time.Since(began); wait > test.wait || wait < test.wait-took-time.Millisecond {
			t.Errorf("%v takes %v, not %v", test.spent, wait, test.wait)
		} else if owed > test.wait || owed < test.wait-took-time.Millisecond {
			t.Errorf("after %v there is a debt of %v", test.spent, owed)
		}
	}
}
