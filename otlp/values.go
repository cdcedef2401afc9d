package otlp

import "go.opentelemetry.io/otel/attribute"

func keyValues(attributes []attribute.KeyValue) (all []message) {
	for _, one := range attributes {
		all = append(all, message{{1, "key", string(one.Key)}, {2, "value", anyValue(one.Value)}})
	}
	return all
}

// anyValue returns the AnyValue of an attribute. It is a oneof, so default values are encoded as well.
func anyValue(value attribute.Value) message {
	switch value.Type() {
	case attribute.STRING:
		return message{{1, "stringValue", value.AsString()}}
	case attribute.BOOL:
		return message{{2, "boolValue", value.AsBool()}}
	case attribute.INT64:
		return message{{3, "intValue", value.AsInt64()}}
	case attribute.FLOAT64:
		return message{{4, "doubleValue", value.AsFloat64()}}
	case attribute.STRINGSLICE:
		return array(value.AsStringSlice(), attribute.StringValue)
	case attribute.BOOLSLICE:
		return array(value.AsBoolSlice(), attribute.BoolValue)
	case attribute.INT64SLICE:
		return array(value.AsInt64Slice(), attribute.Int64Value)
	case attribute.FLOAT64SLICE:
		return array(value.AsFloat64Slice(), attribute.Float64Value)
	case attribute.SLICE:
		return array(value.AsSlice(), func(one attribute.Value) attribute.Value { return one })
	case attribute.MAP:
		return message{{6, "kvlistValue", listOf(keyValues(value.AsMap()))}}
	case attribute.BYTESLICE:
		return message{{7, "bytesValue", value.AsByteSlice()}}
	case attribute.EMPTY:
		return message{}
	default:
		return message{{1, "stringValue", "INVALID"}} // like OpenTelemetry's exporter
	}
}

// array returns the ArrayValue of a slice.
func array[T any](values []T, valueOf func(T) attribute.Value) message {
	all := make([]message, len(values))
	for i, one := range values {
		all[i] = anyValue(valueOf(one))
	}
	return message{{5, "arrayValue", listOf(all)}}
}

// listOf returns an ArrayValue or KeyValueList, whose only field is the list.
func listOf(values []message) message {
	var b builder
	b.list(1, "values", values)
	return b.message
}
