package otlp

import (
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

var errAnswer = errors.New("the collector's answer is no ExportTraceServiceResponse")

// rejected returns an error if the answer to a request, an ExportTraceServiceResponse,
// reports rejected spans or a warning.
func rejected(answer []byte, isJSON bool) error {
	var spans json.Number
	var reason string
	var err error
	if isJSON {
		spans, reason, err = rejectedJSON(answer)
	} else {
		spans, reason, err = rejectedProto(answer)
	}
	if err != nil || (spans == "" || spans == "0") && reason == "" {
		return err
	}
	return fmt.Errorf("the collector rejected %s spans: %s", spans, reason)
}

func rejectedJSON(answer []byte) (json.Number, string, error) {
	var response struct {
		PartialSuccess struct {
			RejectedSpans json.Number // a number or, because it has 64 bits, a string
			ErrorMessage  string
		}
	}
	if len(answer) == 0 {
		return "", "", nil
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return "", "", fmt.Errorf("%w: %w", errAnswer, err)
	}
	return response.PartialSuccess.RejectedSpans, response.PartialSuccess.ErrorMessage, nil
}

// rejectedProto reads the fields rejected_spans and error_message of partial_success.
func rejectedProto(answer []byte) (spans json.Number, reason string, err error) {
	err = eachField(answer, func(number protowire.Number, _ uint64, partial []byte) error {
		if number != 1 {
			return nil
		}
		return eachField(partial, func(number protowire.Number, value uint64, text []byte) error {
			switch number {
			case 1:
				spans = json.Number(fmt.Sprint(int64(value))) //nolint:gosec // two's complement
			case 2:
				reason = string(text)
			}
			return nil
		})
	})
	return spans, reason, err
}

// eachField calls found for each field of a message that is an integer or length-delimited.
func eachField(message []byte, found func(number protowire.Number, value uint64, content []byte) error) error {
	for len(message) > 0 {
		number, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return fmt.Errorf("%w: %w", errAnswer, protowire.ParseError(size))
		}
		message = message[size:]
		if size = protowire.ConsumeFieldValue(number, kind, message); size < 0 {
			return fmt.Errorf("%w: %w", errAnswer, protowire.ParseError(size))
		}
		var value uint64
		var content []byte
		switch kind { //nolint:exhaustive // the known fields of an answer have no other types
		case protowire.VarintType:
			value, _ = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			content, _ = protowire.ConsumeBytes(message)
		}
		if err := found(number, value, content); err != nil {
			return err
		}
		message = message[size:]
	}
	return nil
}
