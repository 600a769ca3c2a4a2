package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"octroi/gateway/store"
)

// addressOf makes an address out of a route's pattern; what it names does not exist.
func addressOf(pattern string) (method, path string) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = http.MethodGet, "/no/such/page"
	}
	for place, value := range map[string]string{"{$}": "", "{id}": "case_none", "{document}": "doc_none", "{name}": "console.css", "{page}": "1"} {
		path = strings.ReplaceAll(path, place, value)
	}
	return method, path
}

func TestEveryRouteIsOpenToItsRolesAndToNobodyElse(t *testing.T) {
	o := opened(t, nil)
	visitors := map[store.Role]*person{anybody: o.as(""), store.RoleAnalyst: o.as("ana"), store.RoleSenior: o.as("sam"), store.RoleAdmin: o.as("adm")}
	for _, rt := range o.desk.routes() {
		if rt.pattern == "POST /signout" {
			continue // ends the sessions of the others' tests; see TestSigningOutEndsTheSession
		}
		method, path := addressOf(rt.pattern)
		for role, who := range visitors {
			a := who.send(method, path, url.Values{})
			toDoor := a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/signin")
			var wrong string
			switch {
			case rt.min == anybody && (toDoor || a.status == http.StatusForbidden):
				wrong = "is shut to somebody"
			case rt.min == anybody:
			case role == anybody && !toDoor:
				wrong = "is open without a session"
			case role != anybody && toDoor:
				wrong = "does not know a session"
			case role != anybody && !role.Includes(rt.min) && a.status != http.StatusForbidden:
				wrong = "is open below its role"
			case role != anybody && role.Includes(rt.min) && a.status == http.StatusForbidden:
				wrong = "is shut to its role"
			case a.status >= http.StatusInternalServerError:
				wrong = "fails"
			}
			if wrong != "" {
				t.Errorf("%s %s as %q: %s (%d)", method, path, role, wrong, a.status)
			}
		}
	}
}

func TestWhatNeedsARoleIsWrittenDown(t *testing.T) {
	var open, senior, admin []string
	for _, rt := range (&Console{}).routes() {
		switch rt.min {
		case anybody:
			open = append(open, rt.pattern)
		case store.RoleSenior:
			senior = append(senior, rt.pattern)
		case store.RoleAdmin:
			admin = append(admin, rt.pattern)
		}
	}
	if want := []string{"GET /static/{name}", "GET /signin", "POST /signin", "POST /signout"}; !slices.Equal(open, want) {
		t.Errorf("open to anybody: %v", open)
	}
	if want := []string{"GET /lists", "POST /lists/add", "POST /lists/remove", "GET /trials"}; !slices.Equal(senior, want) {
		t.Errorf("for seniors: %v", senior)
	}
	if want := []string{"GET /office", "POST /office/revive", "POST /office/enable", "GET /webhooks", "POST /webhooks/replay"}; !slices.Equal(admin, want) {
		t.Errorf("for admins: %v", admin)
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	o := opened(t, nil)
	for _, who := range []*person{o.as(""), o.as("ana")} {
		for _, rt := range o.desk.routes() {
			method, path := addressOf(rt.pattern)
			a := who.send(method, path, url.Values{})
			policy := a.header.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
				if !strings.Contains(policy, part) {
					t.Errorf("%s %s: policy %q lacks %s", method, path, policy, part)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
				t.Errorf("%s %s: policy %q is lax", method, path, policy)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Referrer-Policy") == "" {
				t.Errorf("%s %s: headers %v", method, path, a.header)
			}
			if !strings.HasPrefix(path, "/static/") && a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s may be kept: %s", method, path, a.header.Get("Cache-Control"))
			}
		}
	}
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	who := o.as("ana")
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
		{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
		a := who.send(http.MethodPost, "/cases/"+p.Case.ID+"/approve", formOf("version", o.version(p)), headers...)
		if a.status != http.StatusForbidden {
			t.Errorf("%v: %d", headers, a.status)
		}
	}
	if k := o.caseOf(p); !k.Status.Open() {
		t.Errorf("the case is %s", k.Status)
	}
	for _, rt := range o.desk.routes() {
		if method, path := addressOf(rt.pattern); method == http.MethodPost {
			for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
				if a := o.as("adm").send(method, path, url.Values{}, headers...); a.status != http.StatusForbidden {
					t.Errorf("%s with %v: %d", path, headers, a.status)
				}
			}
		}
	}
}

func TestNothingChangesByAnAddressAlone(t *testing.T) {
	for _, rt := range (&Console{}).routes() {
		method, path := addressOf(rt.pattern)
		name := path[strings.LastIndexByte(path, '/')+1:]
		_, deed := deeds[name]
		if method != http.MethodGet && method != http.MethodPost || deed && method != http.MethodPost {
			t.Errorf("%s is a route by %s", path, method)
		}
	}
	o := opened(t, nil)
	p := o.reviewed(1)
	before, adm := o.caseOf(p), o.as("adm")
	for _, rt := range o.desk.routes() {
		if method, path := addressOf(rt.pattern); method == http.MethodPost && path != "/signin" && path != "/signout" {
			adm.get(strings.ReplaceAll(path, "case_none", p.Case.ID))
		}
	}
	if after := o.caseOf(p); after.Version != before.Version {
		t.Error("reading addresses changed the case")
	}
}

func TestAFormIsBounded(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	who := o.as("ana")
	if a := who.post("/cases/"+p.Case.ID+"/note", "text", strings.Repeat("x", maxForm)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of %d bytes: %d", maxForm, a.status)
	}
	a := who.post("/cases/"+p.Case.ID+"/note", "text", strings.Repeat("é", 1500))
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("a long note: %d", a.status)
	}
	a.shows(t, "Write a note of at most", strings.Repeat("é", 1500)) // what was typed is not lost
}

func TestAssetsAreKeptByTheirVersion(t *testing.T) {
	o := opened(t, nil)
	page := o.as("").get("/signin")
	page.shows(t, fmt.Sprintf("/static/console.css?v=%s", o.desk.version))
	for _, name := range []string{"console.css", "console.js", "mark.svg"} {
		a := o.as("").get("/static/" + name + "?v=" + o.desk.version)
		if a.status != http.StatusOK || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %s", name, a.status, a.header.Get("Cache-Control"))
		}
	}
	if a := o.as("").get("/static/..%2fconsole.go"); a.status != http.StatusNotFound {
		t.Errorf("a path out of static: %d", a.status)
	}
}
