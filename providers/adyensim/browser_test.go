package adyensim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// chromium starts a headless browser that talks to nothing but this machine.
func chromium(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
			t.Fatal("chromium is not installed, and OCTROI_REQUIRE_SERVERS=1 forbids skipping")
		}
		t.Skip("chromium is not installed; with OCTROI_REQUIRE_SERVERS=1 this would fail")
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// The first call starts the browser, and must not carry a limit of its own.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// storefront is a shop's page that carries out native 3-D Secure 2 in frames, with nothing but what Adyen's answers say
// and what its notification pages post.
const storefront = `<!doctype html><meta charset="utf-8"><title>shop</title><p id="state">begun</p><iframe name="step" id="step" width="600" height="600"></iframe>
<script>
const encode = (o) => btoa(JSON.stringify(o)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
let action;
const frame = document.getElementById("step");
frame.addEventListener("load", () => { frame.dataset.shows = action ? action.subtype : ""; });
function post(url, name, value) {
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action: url, target: "step" });
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
  document.body.append(form);
  form.submit();
}
function take(answer) {
  document.getElementById("state").textContent = answer.resultCode;
  action = answer.action;
  if (!action) return;
  const token = JSON.parse(atob(action.token));
  const { threeDSServerTransID, acsTransID, messageVersion } = token;
  if (action.subtype === "fingerprint") {
    post(token.threeDSMethodUrl, "threeDSMethodData", encode({ threeDSServerTransID, threeDSMethodNotificationURL: token.threeDSMethodNotificationURL }));
  } else {
    post(token.acsURL, "creq", encode({ threeDSServerTransID, acsTransID, messageVersion, messageType: "CReq", challengeWindowSize: "05" }));
  }
}
window.addEventListener("message", async (e) => {
  const { type, result } = JSON.parse(e.data);
  const details = type === "fingerPrintResult" ? { "threeds2.fingerprint": btoa(JSON.stringify({ threeDSCompInd: result.threeDSCompInd })) }
    : { threeDSResult: btoa(JSON.stringify({ transStatus: result.transStatus, authorisationToken: action.authorisationToken })) };
  take(await (await fetch("/details", { method: "POST", body: JSON.stringify({ details, paymentData: action.paymentData }) })).json());
});
fetch("/pay", { method: "POST" }).then((r) => r.json()).then(take);
</script>`

// shop serves the storefront, and passes its calls on to the simulator as a merchant's server does.
func shop(t *testing.T, r rig, pay func(origin string) string) string {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	forward := func(path string, body func(*http.Request) string) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) {
			_, a, _ := r.post(path, "", body(q))
			_ = json.NewEncoder(w).Encode(a)
		}
	}
	mux.HandleFunc("POST /pay", forward("/v71/payments", func(*http.Request) string { return pay(server.URL) }))
	mux.HandleFunc("POST /details", forward("/v71/payments/details", func(q *http.Request) string {
		b, _ := io.ReadAll(q.Body)
		return string(b)
	}))
	mux.HandleFunc("GET /back", func(w http.ResponseWriter, q *http.Request) {
		_, a, _ := r.post("/v71/payments/details", "", `{"details":`+quoted("redirectResult", q.FormValue("redirectResult"))+`}`)
		_, _ = io.WriteString(w, `<p id="state">`+a["resultCode"].(string)+`</p>`)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, storefront)
	})
	return server.URL
}

func TestBrowserWalksTheNativeFlowInFrames(t *testing.T) {
	ctx := chromium(t)
	for code, want := range map[string]string{"1234": "Authorised", "": "Refused"} {
		r := start(t, "", "")
		url := shop(t, r, func(origin string) string {
			return body("pay_1", "4111111111111111", enrolled, `"returnUrl"`, strings.ReplaceAll(alwaysHere, "https://shop.example", origin))
		})
		if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(`#step[data-shows="challenge"]`))); err != nil {
			t.Fatal(err)
		}
		frames, err := chromedp.Run(ctx, chromedp.Nodes(chromedp.CSS("#step")))
		if err != nil || len(frames) != 1 {
			t.Fatalf("%v %v", frames, err)
		}
		inFrame := chromedp.FromNode(frames[0])
		steps := []chromedp.Action[chromedp.Void]{chromedp.WaitVisible(chromedp.CSS("#code"), inFrame)}
		if code != "" {
			steps = append(steps, chromedp.SendKeys(chromedp.CSS("#code"), code, inFrame), chromedp.Click(chromedp.CSS(`button[value="pay"]`), inFrame))
		} else {
			steps = append(steps, chromedp.Click(chromedp.CSS(`button[value="refuse"]`), inFrame))
		}
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
		got, err := chromedp.Run(ctx, chromedp.Poll[bool](`["Authorised", "Refused"].includes(document.getElementById("state").textContent)`))
		state, textErr := chromedp.Run(ctx, chromedp.Text("#state"))
		if err != nil || textErr != nil || !got || state != want {
			t.Errorf("code %q: %q, %v, %v", code, state, err, textErr)
		}
	}
}

func TestBrowserWalksTheRedirect(t *testing.T) {
	ctx := chromium(t)
	r := start(t, "", "")
	url := shop(t, r, nil)
	act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always, "https://shop.example/", url+"/back", `"merchantOrderReference"`, `"shopperLocale":"fr-FR","merchantOrderReference"`)
	err := chromedp.Do(ctx, chromedp.Navigate(act["url"].(string)), chromedp.WaitVisible("#code"), chromedp.SendKeys("#code", "0000\r"),
		chromedp.WaitVisible("#wrong"), chromedp.SendKeys("#code", "1234"), chromedp.Click(`button[value="pay"]`), chromedp.WaitVisible("#state"))
	if err != nil {
		t.Fatal(err)
	}
	if state, err := chromedp.Run(ctx, chromedp.Text("#state")); err != nil || state != "Authorised" {
		t.Errorf("%q, %v", state, err)
	}
}
