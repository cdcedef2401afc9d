package otlp

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a protobuf message: its fields, ordered by number. Its builder omits
// fields with their default values.
type message []field

// field is a field of a message. A list of messages encodes a repeated field.
type field struct {
	number protowire.Number
	name   string // in JSON
	value  any    // string, bool, int64, uint32, float64, fixed64, fixed32, id, []byte, message or []message
}

type (
	fixed64 uint64
	fixed32 uint32
	id      []byte // of a trace or a span: hexadecimal in JSON
)

// appendProto appends the message as protobuf encodes it on the wire
// (https://protobuf.dev/programming-guides/encoding/).
func (m message) appendProto(to []byte) []byte {
	for _, f := range m {
		tag := func(kind protowire.Type) []byte { return protowire.AppendTag(to, f.number, kind) }
		switch value := f.value.(type) {
		case string:
			to = protowire.AppendString(tag(protowire.BytesType), value)
		case id:
			to = protowire.AppendBytes(tag(protowire.BytesType), value)
		case []byte:
			to = protowire.AppendBytes(tag(protowire.BytesType), value)
		case bool:
			to = protowire.AppendVarint(tag(protowire.VarintType), protowire.EncodeBool(value))
		case int64:
			to = protowire.AppendVarint(tag(protowire.VarintType), uint64(value)) //nolint:gosec // two's complement
		case uint32:
			to = protowire.AppendVarint(tag(protowire.VarintType), uint64(value))
		case float64:
			to = protowire.AppendFixed64(tag(protowire.Fixed64Type), math.Float64bits(value))
		case fixed64:
			to = protowire.AppendFixed64(tag(protowire.Fixed64Type), uint64(value))
		case fixed32:
			to = protowire.AppendFixed32(tag(protowire.Fixed32Type), uint32(value))
		case message:
			to = protowire.AppendBytes(tag(protowire.BytesType), value.appendProto(nil))
		case []message:
			for _, one := range value {
				to = protowire.AppendBytes(protowire.AppendTag(to, f.number, protowire.BytesType), one.appendProto(nil))
			}
		}
	}
	return to
}

// appendJSON appends the message in OTLP's JSON encoding: ids in hexadecimal digits, other
// bytes in Base64, and 64-bit integers as strings
// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
func (m message) appendJSON(to []byte) []byte {
	to = append(to, '{')
	for i, f := range m {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(strconv.AppendQuote(to, f.name), ':')
		switch value := f.value.(type) {
		case message:
			to = value.appendJSON(to)
		case []message:
			to = append(to, '[')
			for j, one := range value {
				if j > 0 {
					to = append(to, ',')
				}
				to = one.appendJSON(to)
			}
			to = append(to, ']')
		default:
			to = appendJSONValue(to, value)
		}
	}
	return append(to, '}')
}

func appendJSONValue(to []byte, value any) []byte {
	switch value := value.(type) {
	case string:
		quoted, _ := json.Marshal(value) // encoding a string cannot fail
		return append(to, quoted...)
	case id:
		return strconv.AppendQuote(to, hex.EncodeToString(value))
	case []byte:
		return strconv.AppendQuote(to, base64.StdEncoding.EncodeToString(value))
	case bool:
		return strconv.AppendBool(to, value)
	case int64:
		return strconv.AppendQuote(to, strconv.FormatInt(value, 10))
	case fixed64:
		return strconv.AppendQuote(to, strconv.FormatUint(uint64(value), 10))
	case uint32:
		return strconv.AppendUint(to, uint64(value), 10)
	case fixed32:
		return strconv.AppendUint(to, uint64(value), 10)
	case float64:
		return appendFloat(to, value)
	}
	return append(to, "null"...)
}

// appendFloat appends a number; NaN and the infinities, which JSON lacks, are strings as in ProtoJSON.
func appendFloat(to []byte, value float64) []byte {
	switch {
	case math.IsNaN(value):
		return append(to, `"NaN"`...)
	case math.IsInf(value, 1):
		return append(to, `"Infinity"`...)
	case math.IsInf(value, -1):
		return append(to, `"-Infinity"`...)
	}
	return strconv.AppendFloat(to, value, 'g', -1, 64)
}
