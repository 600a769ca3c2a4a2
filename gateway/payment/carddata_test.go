package payment_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
)

// somebodys is a card that is not the request's own.
const somebodys = "4000020000000000"

// leaf is one text of a request.
type leaf struct {
	pointer string
	put     func(string)
}

// leaves are all texts of a request, wherever they lie, but for those that are never printed or kept. The request must be
// full, so that none is overlooked.
func leaves(t *testing.T, v reflect.Value, pointer string) (all []leaf) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[providers.Secret](), v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.String:
		all = append(all, leaf{pointer, v.SetString})
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			all = append(all, leaves(t, v.Field(i), pointer+"/"+name)...)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		all = leaves(t, v.Elem(), pointer)
	case v.Kind() == reflect.Slice && v.Len() > 0:
		all = leaves(t, v.Index(0), pointer+"/0")
	case v.Kind() == reflect.Map && v.Len() > 0:
		key := v.MapKeys()[0]
		all = append(all, leaf{pointer + "/" + key.String(), func(s string) { v.SetMapIndex(key, reflect.ValueOf(s)) }},
			leaf{pointer, func(s string) { v.SetMapIndex(reflect.ValueOf(s), reflect.ValueOf("x")) }})
	case v.Kind() == reflect.Pointer, v.Kind() == reflect.Slice, v.Kind() == reflect.Map, v.Kind() == reflect.Interface:
		t.Fatalf("%s is empty in the full request of this test, or of a kind it does not know", pointer)
	}
	return all
}

// everything is a request with something in every field.
func everything() payment.Request {
	r := good()
	r.Buyer.Browser = &payment.Browser{Language: "fr", ColorDepth: 24}
	r.Metadata = map[string]string{"channel": "web"}
	return r
}

func TestNoTextOfARequestTakesACardNumber(t *testing.T) {
	encrypted := func() payment.Request {
		r := everything()
		r.Method = payment.Method{Type: "card", EncryptedNumber: "a", EncryptedExpiryMonth: "b", EncryptedExpiryYear: "c", HolderName: "Jean Dupont"}
		return r
	}
	assessed := func() payment.AssessmentRequest {
		r := everything()
		return payment.AssessmentRequest{Order: r.Order, Amount: r.Amount, Billing: r.Billing, Buyer: r.Buyer, Metadata: r.Metadata,
			Card: payment.AssessmentCard{BIN: "411111", Last4: "1111", ExpiryMonth: "03", ExpiryYear: "2030"}}
	}
	if errs := append(append(everything().Check(now, clear), encrypted().Check(now, clear)...), assessed().Check(now)...); len(errs) > 0 {
		t.Fatalf("the full requests: %v", errs)
	}
	for name, make := range map[string]func() (reflect.Value, func() []payment.FieldError){
		"clear": func() (reflect.Value, func() []payment.FieldError) {
			r := everything()
			return reflect.ValueOf(&r), func() []payment.FieldError { return r.Check(now, clear) }
		},
		"encrypted": func() (reflect.Value, func() []payment.FieldError) {
			r := encrypted()
			return reflect.ValueOf(&r), func() []payment.FieldError { return r.Check(now, clear) }
		},
		"assessment": func() (reflect.Value, func() []payment.FieldError) {
			r := assessed()
			return reflect.ValueOf(&r), func() []payment.FieldError { return r.Check(now) }
		},
	} {
		v, _ := make()
		for i := range leaves(t, v, "") {
			for _, number := range []string{somebodys, "card " + somebodys, "4000\u00a00200\u00a00000\u00a00000", "4000/0200/0000/0000"} {
				v, check := make()
				at := leaves(t, v, "")[i]
				at.put(number)
				refusedAt(t, name, at.pointer, number, check())
			}
		}
	}
}

// refusedAt checks that the field is refused, or what it lies in, and that nothing said repeats the number.
func refusedAt(t *testing.T, name, pointer, number string, errs []payment.FieldError) {
	t.Helper()
	found := false
	for _, e := range errs {
		found = found || e.Pointer != "" && strings.HasPrefix(pointer, e.Pointer)
		if strings.Contains(providers.OnlyDigits(fmt.Sprint(e)), somebodys) {
			t.Errorf("%s: %s: the error repeats the number: %v", name, pointer, e)
		}
	}
	if !found {
		t.Errorf("%s: %s takes %q: %v", name, pointer, number, errs)
	}
}

func TestOnesOwnCardNumberIsFoundWhateverItTouches(t *testing.T) {
	for _, text := range []string{"x4111111111111111y", "4111-1111x1111-1111", "1111 4111 1111 1111 1111"} {
		r := everything()
		r.Metadata["note"] = text
		if errs := r.Check(now, clear); len(errs) != 1 || errs[0].Pointer != "/metadata/note" {
			t.Errorf("%q: %v", text, errs)
		}
	}
}

func TestTheWayBackAndTheShopsFieldsCarryNoCardData(t *testing.T) {
	for link, fine := range map[string]bool{
		"https://shop.example/r?order=A-1&n=42": true, "https://shop.example/r": true, "https://shop.example/2026/11/20/A-1;s=1?q=%zz&a=1;b=2": true,
		"https://shop.example/r?card=" + somebodys + "&cvc=737": false, "https://shop.example/r?cvc=737": false, "https://shop.example/r?CVC2=737": false,
		"https://shop.example/r?card%5Fcvv=737": false, "https://shop.example/r?a=1;cvc=737": false, "https://shop.example/#/r?security-code=737": false,
		"https://shop.example/" + somebodys: false, "https://shop.example/4000/0200/0000/0000": false, "https://shop.example/r#" + somebodys: false,
		"https://shop.example/r?a=%34000020000000000": false, "https://shop.example/r?a=4000+0200+0000+0000": false, "https://" + somebodys + "@shop.example/": false,
		"https://" + somebodys + ".example/": false, "https://shop.example/r?a=1;b=" + somebodys: false,
	} {
		r := everything()
		r.ReturnURL = link
		errs := r.Check(now, clear)
		if fine != (len(errs) == 0) || !fine && (errs[0].Pointer != "/return_url" || strings.Contains(errs[0].Detail, somebodys)) {
			t.Errorf("%s: %v", link, errs)
		}
	}
	for _, name := range []string{"cvc", "CVV2", "card_cvc", "security code", "card-security-code"} {
		r := everything()
		r.Metadata[name] = "737"
		if errs := r.Check(now, clear); len(errs) != 1 || errs[0].Pointer != "/metadata" {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

func TestOrdersOfHonestShopsPass(t *testing.T) {
	for _, number := range []string{"20261120-000042", "550e8400-e29b-41d4-a716-446655440000", "36252187900034", "4006381333931", "CMD4000020000000000", "404-1234567-1234567"} {
		r := everything()
		r.Order.Reference, r.Order.Items[0].SKU, r.Buyer.ID, r.Metadata["n"] = number, number, number, number
		r.Billing.Name, r.Buyer.Phone = "Atelier SIRET 36252187900034", "+4915123456789"
		r.Buyer.UserAgent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) [FBAN/FBIOS;FBAV/437.0.0.32.109;FBBV/521234567]"
		if errs := r.Check(now, clear); len(errs) > 0 {
			t.Errorf("%s: %v", number, errs)
		}
	}
}
