package chatv1_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"chatserver/chatv1"
)

// JSON has one type for all numbers. Every field that is a whole number says so if it gets
// another one, and no sentence denies that 1.0 is a number.
func TestAFieldThatIsNoWholeNumberIsExplained(t *testing.T) {
	numbers := 0
	for _, field := range reflect.VisibleFields(reflect.TypeFor[chatv1.Command]()) {
		kind := field.Type
		if kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		if !reflect.New(kind).Elem().CanInt() {
			continue
		}
		numbers++
		name := field.Tag.Get("json")
		for _, value := range []string{"1.0", "1e3", "99999999999999999999"} {
			if field.Type.Kind() == reflect.Slice {
				value = "[" + value + "]"
			}
			c, err := chatv1.Parse(fmt.Appendf(nil, `{"cmd":"edit","%s":%s}`, name, value))
			if err == nil || c.Cmd != "edit" || !strings.HasPrefix(err.Error(), "The field "+name+" of a command must be a whole number") {
				t.Errorf("%s of %s is answered with %v", value, name, err)
			}
		}
		for _, value := range []string{`"1"`, "true", "{}"} {
			if _, err := chatv1.Parse(fmt.Appendf(nil, `{"cmd":"edit","%s":%s}`, name, value)); err == nil || !strings.Contains(err.Error(), name+" of a command cannot be a JSON ") {
				t.Errorf("%s of %s is answered with %v", value, name, err)
			}
		}
	}
	if numbers < 7 {
		t.Errorf("only %d fields are numbers", numbers)
	}
	if _, err := chatv1.Parse([]byte(`{"cmd":"join","room":7}`)); err == nil || err.Error() != "The field room of a command cannot be a JSON number." {
		t.Errorf("a room that is a number is answered with %v", err)
	}
}
