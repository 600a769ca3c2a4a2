package policy

import (
	_ "embed"
	"errors"
	"math"
	"strings"

	"github.com/expr-lang/expr"
)

// The names the rewriter writes into a compiled rule; no file can hold them, for the dot is not a letter.
const (
	nameDivide = "·divide"
	nameListed = "·listed"
	nameMoney  = "·money"
)

var slotNames = [...]string{number: "·number", text: "·text", truth: "·truth", texts: "·texts", pairs: "·pairs", items: "·items"}

// definedNames stand for the use of a definition until the rewriter makes it a read of its slot.
var definedNames = [...]string{number: "·defined·number", text: "·defined·text", truth: "·defined·truth"}

// plainNames are the functions below that a file can write.
var plainNames = []string{"in_list", "seconds", "money", "span", "ratio", "disposable", "differs"}

var errZero = errors.New("division by zero")

//go:embed disposable.txt
var disposableText string

// disposableDomains are mail domains that give a mailbox to whoever asks, without a password, for minutes or days.
// The list was compiled by hand from the services in common use; a shop adds its own with in_list.
var disposableDomains = domainSet(disposableText)

func domainSet(text string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			set[line] = true
		}
	}
	return set
}

// disposable looks for the domain and for the domains it stands under.
func disposable(domain string) bool {
	domain = strings.ToLower(domain)
	for domain != "" {
		if disposableDomains[domain] {
			return true
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return false
}

// differs needs both sides known.
func differs(a, b string) bool { return a != "" && b != "" && !strings.EqualFold(a, b) }

// plainFunctions are the functions of the language that ask no history, as written in files and as the rewriter
// leaves them.
func plainFunctions() []expr.Option {
	read := func(args ...any) (any, error) { return args[0].(*run).read(args[1].(int)), nil }
	return []expr.Option{
		expr.Function(slotNames[number], read, new(func(any, int) float64)),
		expr.Function(slotNames[text], read, new(func(any, int) string)),
		expr.Function(slotNames[truth], read, new(func(any, int) bool)),
		expr.Function(slotNames[texts], read, new(func(any, int) []string)),
		expr.Function(slotNames[pairs], read, new(func(any, int) map[string]string)),
		expr.Function(slotNames[items], read, new(func(any, int) []item)),
		expr.Function(definedNames[number], unlinked, new(func(int) float64)),
		expr.Function(definedNames[text], unlinked, new(func(int) string)),
		expr.Function(definedNames[truth], unlinked, new(func(int) bool)),
		expr.Function(nameDivide, divide, new(func(float64, float64) float64)),
		expr.Function(nameListed, listed, new(func(any, string, string) bool)),
		expr.Function(nameMoney, moneyOf, new(func(any, float64) money)),
		expr.Function("in_list", unlinked, new(func(string, string) bool)),
		expr.Function("seconds", unlinked, new(func(string) float64)),
		expr.Function("money", unlinked, new(func(float64) money)),
		expr.Function("span", spanOf, new(func(float64) span)),
		expr.Function("ratio", func(args ...any) (any, error) {
			return ratio(float(args[0]), float(args[1]), float(args[2])), nil
		}, new(func(float64, float64, float64) float64)),
		expr.Function("disposable", func(args ...any) (any, error) {
			return disposable(args[0].(string)), nil
		}, new(func(string) bool)),
		expr.Function("differs", func(args ...any) (any, error) {
			return differs(args[0].(string), args[1].(string)), nil
		}, new(func(string, string) bool)),
	}
}

func divide(args ...any) (any, error) {
	q, err := quotient(float(args[0]), float(args[1]))
	if err != nil {
		return nil, err
	}
	return q, nil
}

func quotient(a, b float64) (float64, error) {
	if b == 0 {
		return 0, errZero
	}
	q := a / b
	if math.IsInf(q, 0) || math.IsNaN(q) {
		return 0, errors.New("the quotient is not a finite number")
	}
	return q, nil
}

// ratio is a quotient that never fails.
func ratio(a, b, otherwise float64) float64 {
	q, err := quotient(a, b)
	if err != nil {
		return otherwise
	}
	return q
}

// float takes the numbers expr makes: whole literals stay int, all else is float64.
func float(v any) float64 {
	switch x := v.(type) {
	case float64:
		return x
	case int:
		return float64(x)
	}
	return math.NaN()
}

func listed(args ...any) (any, error) {
	return args[0].(*run).listed(args[1].(string), args[2].(string)), nil
}

func moneyOf(args ...any) (any, error) {
	return money{float(args[1]), args[0].(*run).f.Currency}, nil
}

func spanOf(args ...any) (any, error) { return span(float(args[0])), nil }
