package passkeys_test

import (
	"bytes"
	"strings"
	"testing"

	"chatserver/accounts/passkeys"
)

func TestARecoveryCodeIsFoundAsItIsTyped(t *testing.T) {
	for range 200 {
		code, hash := passkeys.NewRecoveryCode()
		for _, typed := range []string{
			code, strings.ToUpper(code), strings.ReplaceAll(code, "-", ""), " " + strings.ReplaceAll(code, "-", " ") + " ",
			strings.ReplaceAll(code, "-", "–"), strings.ReplaceAll(strings.ReplaceAll(code, "0", "O"), "1", "l"),
		} {
			if !bytes.Equal(passkeys.HashRecoveryCode(typed), hash) {
				t.Errorf("%q is not found as %q", code, typed)
			}
		}
	}
}

// The refusal: what is no code has no hash, and no two codes are the same.
func TestWhatIsNoRecoveryCodeHasNoHash(t *testing.T) {
	code, _ := passkeys.NewRecoveryCode()
	for _, typed := range []string{"", code[:len(code)-1], code + "0", "uuuu-uuuu-uuuu-uuuu", strings.Repeat("é", 16)} {
		if hash := passkeys.HashRecoveryCode(typed); hash != nil {
			t.Errorf("%q has the hash %x", typed, hash)
		}
	}
	other, _ := passkeys.NewRecoveryCode()
	if other == code || len(code) != 19 {
		t.Errorf("the codes are %s and %s", code, other)
	}
}
