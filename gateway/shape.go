package gateway

import (
	"reflect"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
)

// kind is what a JSON value must be.
type kind int

const (
	object kind = iota
	dictionary
	array
	text
	moment
	integer
	boolean
)

// must says what a value of the kind must be, in the words of a field error.
var must = map[kind]string{
	object: "must be an object", dictionary: "must be an object", array: "must be an array", text: "must be a string",
	moment:  "must be an RFC 3339 time such as 2026-01-31T12:00:00Z",
	integer: "must be a whole number", boolean: "must be true or false",
}

// shape is what a JSON value must look like to become a value of some Go type, worked out once per type.
type shape struct {
	kind   kind
	fields map[string]*shape // of an object, by exact name
	elem   *shape            // of an array's or dictionary's values
}

// shapeOf reads the shape off a type. It panics on a type no request has; newBodies meets every one at start.
func shapeOf(t reflect.Type) *shape {
	if t == reflect.TypeFor[time.Time]() {
		return &shape{kind: moment}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(t.Elem())
	case reflect.String:
		return &shape{kind: text}
	case reflect.Int64:
		return &shape{kind: integer}
	case reflect.Bool:
		return &shape{kind: boolean}
	case reflect.Slice:
		return &shape{kind: array, elem: shapeOf(t.Elem())}
	case reflect.Map:
		return &shape{kind: dictionary, elem: shapeOf(t.Elem())}
	case reflect.Struct:
		s := &shape{kind: object, fields: map[string]*shape{}}
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "-" {
				s.fields[name] = shapeOf(f.Type)
			}
		}
		return s
	}
	panic("gateway: no request holds a " + t.String())
}

// The bodies that are not package payment's own.
type (
	operationBody struct {
		Amount *providers.Amount `json:"amount"`
		Reason string            `json:"reason"`
	}
	detailsBody struct {
		Details payment.Details `json:"details"`
	}
	paymentEvent struct {
		Type   string            `json:"type"`
		At     time.Time         `json:"at"`
		Amount *providers.Amount `json:"amount"`
		Detail string            `json:"detail"`
	}
	assessmentEvent struct {
		Type    string    `json:"type"`
		At      time.Time `json:"at"`
		Detail  string    `json:"detail"`
		Refusal string    `json:"refusal"`
	}
	caseAct struct {
		Note   string      `json:"note"`
		Reason string      `json:"reason"`
		Kinds  []hold.Kind `json:"kinds"`
	}
	reply struct {
		Text string `json:"text"`
	}
	listEntry struct {
		Value     string    `json:"value"`
		Note      string    `json:"note"`
		ExpiresAt time.Time `json:"expires_at"`
	}
)

// bodies are the shapes of every body the gateway takes.
type bodies struct {
	payment, assessment, operation, details, paymentEvent, assessmentEvent, caseAct, reply, listEntry *shape
}

func newBodies() bodies {
	return bodies{
		payment: shapeOf(reflect.TypeFor[payment.Request]()), assessment: shapeOf(reflect.TypeFor[payment.AssessmentRequest]()),
		operation: shapeOf(reflect.TypeFor[operationBody]()), details: shapeOf(reflect.TypeFor[detailsBody]()),
		paymentEvent: shapeOf(reflect.TypeFor[paymentEvent]()), assessmentEvent: shapeOf(reflect.TypeFor[assessmentEvent]()),
		caseAct: shapeOf(reflect.TypeFor[caseAct]()), reply: shapeOf(reflect.TypeFor[reply]()),
		listEntry: shapeOf(reflect.TypeFor[listEntry]()),
	}
}
