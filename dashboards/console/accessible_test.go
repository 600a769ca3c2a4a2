package console

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"octroi/gateway/flow"
)

// axePinned is axe-core as npm fetches it; only this test uses it (MPL 2.0).
const axePinned = "axe-core@4.14.1"

// axeSource is its text, or the end of the test where that cannot be had and nothing says that it must.
func axeSource(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", axePinned)
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("npm cannot fetch axe-core, and CI=true forbids skipping: %v\n%s", err, out)
		}
		t.Skipf("npm cannot fetch axe-core (with CI=true this would fail): %v", err)
	}
	source, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	check(t, err)
	return string(source)
}

// signs somebody in by the cookie of a session.
func (o *office) signs(ctx context.Context, name string) {
	o.t.Helper()
	p := o.as(name)
	check(o.t, chromedp.Do(ctx, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: o.desk.cookieName(), Value: p.session, URL: o.url})
		return chromedp.Void{}, err
	}))
}

// judged is what axe says of a page, and what it does not see: targets under 24 pixels (WCAG 2.5.8), those inside a
// sentence or a cell's text aside. Everything that can be unfolded is.
const judged = `(async () => {
  document.querySelectorAll("details").forEach(d => { d.name = ""; d.open = true; });
  const r = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]});
  const out = r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary));
  for (const e of document.querySelectorAll("button, summary, select, input:not([type=hidden]):not([type=checkbox]), textarea")) {
    const b = e.getBoundingClientRect();
    if (b.width && (b.height < 24 || b.width < 24)) out.push("a target of " + b.width + " by " + b.height + ": " + (e.id || e.textContent));
  }
  return JSON.stringify(out);
})()`

func violations(t *testing.T, ctx context.Context, source string) (all []string) {
	t.Helper()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("if (!window.axe) {"+source+"}; true"))
	check(t, err)
	told, err := chromedp.Run(ctx, chromedp.Evaluate[string](judged, chromedp.EvalAwaitPromise))
	check(t, err)
	check(t, json.Unmarshal([]byte(told), &all))
	return all
}

func TestEveryPageCanBeUsedByEverybodyInBothLanguages(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	source := axeSource(t)
	o := opened(t, func(c *flow.Config) { lively(c); c.Intake = drawing(t) })
	ctx := browserFor(t, 5*time.Minute)
	paths := o.believable()
	for _, look := range []struct {
		name, who, scheme string
		width             int64
	}{{"English, light", "adm", "light", 1440}, {"French, dark", "ivo", "dark", 1440}, {"French, on a phone", "ivo", "light", 390}} {
		for name, path := range paths {
			if path != "/signin" {
				o.signs(ctx, look.who)
			}
			check(t, chromedp.Do(ctx, chromedp.EmulateViewport(look.width, 900), prefers(look.scheme), chromedp.Navigate(o.url+path)))
			for _, v := range violations(t, ctx, source) {
				t.Errorf("%s, %s: %s", name, look.name, v)
			}
		}
	}
	// The judge is awake: a picture without words is found.
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector("main").innerHTML = '<h1>x</h1><img src="data:,">'; true`))
	check(t, err)
	if !slices.ContainsFunc(violations(t, ctx, source), func(v string) bool { return strings.HasPrefix(v, "image-alt") }) {
		t.Error("axe finds nothing wrong with a picture that has no words")
	}
}
