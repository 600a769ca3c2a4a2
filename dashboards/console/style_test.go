package console

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// luminance is the relative luminance of a colour, as WCAG 2.2 defines it.
func luminance(hex string) float64 {
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, _ := strconv.ParseUint(hex, 16, 32)
	part := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryColourIsReadableInLightAndDark(t *testing.T) {
	css, err := files.ReadFile("static/console.css")
	check(t, err)
	light, dark, ok := strings.Cut(string(css), "prefers-color-scheme:dark")
	if !ok {
		t.Fatal("there is no dark style")
	}
	dark, _, _ = strings.Cut(dark, "}}")
	variable := regexp.MustCompile(`--([a-z]+):#([0-9a-f]{3,6})`)
	for name, text := range map[string]string{"light": light, "dark": dark} {
		v := map[string]string{}
		for _, m := range variable.FindAllStringSubmatch(text, -1) {
			v[m[1]] = m[2]
		}
		for _, pair := range []string{"ink paper", "ink ground", "ink hover", "ink tint", "ink raised", "soft paper", "soft ground", "soft hover", "soft raised", "soft tint",
			"faint paper", "faint ground", "faint raised", "accent paper", "accent ground", "accent hover", "on accent", "good paper", "good goodtint", "half paper", "half halftint",
			"bad paper", "bad badtint", "bad hover", "info infotint", "markink mark"} {
			front, back, _ := strings.Cut(pair, " ")
			if c := contrast(v[front], v[back]); v[front] == "" || v[back] == "" || c < 4.5 {
				t.Errorf("%s: %s has a contrast of %.2f, WCAG AA wants 4.5", name, pair, c)
			}
		}
		for _, pair := range []string{"edge paper", "edge raised", "accent paper", "accent ground"} {
			front, back, _ := strings.Cut(pair, " ")
			if c := contrast(v[front], v[back]); c < 3 {
				t.Errorf("%s: %s, the edge of a control, has a contrast of %.2f, WCAG AA wants 3", name, pair, c)
			}
		}
	}
}

func TestNoPageCarriesStyleOrScriptOfItsOwn(t *testing.T) {
	for _, name := range append([]string{"layout", "parts"}, pageNames...) {
		b, err := files.ReadFile("views/" + name + ".html")
		check(t, err)
		if m := regexp.MustCompile(`<style|style="|\son[a-z]+="|<script>|https?://|srcset`).Find(b); m != nil {
			t.Errorf("%s holds %q, which the policy forbids", name, m)
		}
	}
	css, err := files.ReadFile("static/console.css")
	check(t, err)
	if strings.Contains(string(css), "url(") || strings.Contains(string(css), "@import") {
		t.Error("the style loads something")
	}
}
