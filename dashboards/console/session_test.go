package console

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSigningInLeadsBackToWhereSomebodyWas(t *testing.T) {
	o := opened(t, nil)
	a := o.as("").post("/signin", "name", "ana", "password", passwordOf("ana"), "next", "/cases/case_1?x=1")
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/cases/case_1?x=1" {
		t.Errorf("%d to %s", a.status, a.header.Get("Location"))
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	o.desk.Secure = true
	a = o.as("").post("/signin", "name", "ana", "password", passwordOf("ana"))
	if cookie := a.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-octroi=") || !strings.Contains(cookie, "Secure") || strings.Contains(cookie, "Domain") {
		t.Errorf("the cookie over https is %q", cookie)
	}
}

func TestAWrongPasswordAndAnUnknownNameGetTheSameAnswer(t *testing.T) {
	o := opened(t, nil)
	wrong := o.as("").post("/signin", "name", "ana", "password", "wrong-horse-ana")
	unknown := o.as("").post("/signin", "name", "ana", "password", "")
	if wrong.status != http.StatusUnauthorized || wrong.status != unknown.status || wrong.body != unknown.body {
		t.Errorf("%d and %d", wrong.status, unknown.status)
	}
	nobody := o.as("").post("/signin", "name", "bob", "password", "wrong-horse-ana")
	if strings.ReplaceAll(nobody.body, "bob", "ana") != wrong.body || nobody.header.Get("Set-Cookie") != "" {
		t.Error("an unknown name is told from a wrong password")
	}
	for range 10 {
		o.as("").post("/signin", "name", "zoe", "password", "wrong-horse-zoe")
	}
	locked := o.as("").post("/signin", "name", "zoe", "password", passwordOf("zoe"))
	if strings.ReplaceAll(locked.body, "zoe", "ana") != wrong.body {
		t.Error("a locked-out user is told from a wrong password")
	}
	if strings.Contains(o.log.String(), "wrong-horse") || strings.Contains(o.log.String(), `"bob"`) {
		t.Error("what was typed is in the log")
	}
}

func TestARefusedSignInWritesDownNoNameThatNobodyHas(t *testing.T) {
	o := opened(t, nil)
	for _, name := range []string{"ana", "correct horse battery staple", "", "ANA"} {
		if a := o.as("").post("/signin", "name", name, "password", "wrong-horse-ana"); a.status != http.StatusUnauthorized {
			t.Fatalf("%q: %d", name, a.status)
		}
	}
	refused := map[string]int{}
	for _, subject := range []string{"ana", "unknown", "correct horse battery staple", "", "ANA"} {
		trail, err := o.store.AuditTrail(t.Context(), subject, 100)
		check(t, err)
		for _, a := range trail {
			if a.Action == "user.sign_in_refused" && subject != "" {
				refused[a.Subject+" by "+a.Actor]++
			}
		}
	}
	if want := map[string]int{"ana by ana": 1, "unknown by unknown": 3}; !maps.Equal(refused, want) {
		t.Errorf("the audit log says %v, want %v", refused, want)
	}
}

func TestASessionThatHasEndedIsSaidKindly(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	who := o.as("ana")
	if a := who.get("/cases/" + p.Case.ID); a.status != http.StatusOK {
		t.Fatal(a.status)
	}
	o.later(16 * time.Minute)
	a := who.get("/payments?q=A-1")
	if to := a.header.Get("Location"); a.status != http.StatusSeeOther || to != "/signin?ended=1&next=%2Fpayments%3Fq%3DA-1" {
		t.Errorf("%d to %s", a.status, to)
	}
	who.get(a.header.Get("Location")).shows(t, "Your session has ended", `value="/payments?q=A-1"`)
	a = who.post("/cases/"+p.Case.ID+"/note", "text", "hello")
	if to := a.header.Get("Location"); !strings.HasSuffix(to, "next=%2Fcases%2F"+p.Case.ID) {
		t.Errorf("a form leads back to %s", to)
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	o := opened(t, nil)
	who := o.as("ana")
	a := who.post("/signout")
	if a.status != http.StatusSeeOther || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%d, %s", a.status, a.header.Get("Set-Cookie"))
	}
	if a := who.get("/"); a.header.Get("Location") == "" {
		t.Error("the session is still good")
	}
}

func TestOnlyLocalAddressesAreLedBackTo(t *testing.T) {
	for address, want := range map[string]string{
		"/": "/", "/?status=approved": "/?status=approved", "/cases/case_1": "/cases/case_1", "/payments?q=a&status=held": "/payments?q=a&status=held",
		"/payments/pay_1": "/payments/pay_1", "/lists": "/lists",
		"": "/", "//evil.example": "/", "///evil.example": "/", "/\\evil.example": "/", "\\\\evil.example": "/", "https://evil.example/cases/x": "/",
		"/cases/../../evil": "/", "/cases//evil": "/", "javascript:alert(1)": "/", "/signin": "/", "/signout": "/", "/cases/a\r\nX: y": "/",
		"/cases/" + strings.Repeat("x", 2000): "/", "evil.example": "/", "/.evil": "/", "http:/cases/x": "/", "/%2f/evil.example": "/",
	} {
		if got := local(address); got != want {
			t.Errorf("%q leads to %q, want %q", address, got, want)
		}
	}
}

func FuzzLocalNeverLeavesTheConsole(f *testing.F) {
	for _, s := range []string{"/", "//x", "/cases/x", "/\\x", "https://x", "/cases/%0d%0a", "/payments?next=//x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		to := local(s)
		r := httptest.NewRequest(http.MethodGet, "http://console.example/signin", nil)
		u, err := r.URL.Parse(to)
		if err != nil || u.Host != "console.example" || u.Scheme != "http" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
			t.Errorf("%q leads to %q", s, to)
		}
	})
}

func TestTheLanguageIsTheUsersAndBeforeThatTheBrowsers(t *testing.T) {
	o := opened(t, nil)
	o.as("zoe").get("/").shows(t, `lang="fr"`, "File d&#39;attente", "Se déconnecter")
	o.as("ana").get("/").shows(t, `lang="en"`, "Sign out")
	for accept, want := range map[string]string{"fr-FR,fr;q=0.9,en;q=0.5": "Connexion", "de": "Sign in", "": "Sign in", "en-GB": "Sign in", strings.Repeat("fr,", 200): "Sign in"} {
		o.as("").send(http.MethodGet, "/signin", nil, "Accept-Language", accept).shows(t, "<h1>"+want+"</h1>")
	}
}
