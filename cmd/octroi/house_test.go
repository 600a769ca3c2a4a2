package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// top is the top of the tree as seen from here.
const top = "../.."

// floors are those of the design: a package imports only from floors below its own.
var floors = map[string]int{
	"octroi/cmd/octroi": 7, "octroi/cmd/octroi/storefront": 0,
	"octroi/dashboards": 6, "octroi/dashboards/console": 6, "octroi/dashboards/grafana": 6, "octroi/dashboards/prometheus": 6,
	"octroi/gateway":      6,
	"octroi/gateway/flow": 5, "octroi/gateway/notify": 5,
	"octroi/gateway/store": 4,
	"octroi/gateway/hold":  3, "octroi/risk/backtest": 3, "octroi/risk/traffic": 3,
	"octroi/gateway/payment": 2, "octroi/gateway/intake/intaketest": 2, "octroi/risk/policy": 2, "octroi/risk/velocity": 2,
	"octroi/gateway/intake": 1,
	"octroi/risk":           1, "octroi/gateway/notify/wording": 1, "octroi/providers/adyen": 1, "octroi/providers/conformance": 1,
	"octroi/providers": 0, "octroi/providers/adyensim": 0, "octroi/risk/address": 0, "octroi/gateway/vault": 0, "octroi/gateway/sandbox": 0, "octroi/gateway/store/storetest": 0, "octroi/gateway/typeset": 0, "octroi/gateway/notify/mailbox": 0,
}

// sideways are the imports that tests may have beside the rule: an adapter is shown against the suite of all providers.
var sideways = map[string][]string{"octroi/providers/adyen": {"octroi/providers/conformance"}}

// reserved are packages from outside that only some of ours may use, and why.
var reserved = []struct {
	prefix string
	users  []string
	why    string
}{
	{"github.com/gofiber/", []string{"octroi/gateway", "octroi/dashboards"}, "only the HTTP face knows its framework, so that it can be changed there alone"},
	{"github.com/valyala/fasthttp", []string{"octroi/gateway", "octroi/dashboards"}, "only the HTTP face knows its framework, so that it can be changed there alone"},
	{"database/sql", []string{"octroi/gateway/store"}, "every SQL statement is in one package"},
	{"modernc.org/sqlite", []string{"octroi/gateway/store"}, "every SQL statement is in one package"},
	{"github.com/jackc/pgx", []string{"octroi/gateway/store"}, "every SQL statement is in one package"},
	{"github.com/redis/go-redis", []string{"octroi/risk/velocity", "octroi/cmd/octroi"}, "every Redis key is in one package"},
	{"github.com/adyen/", []string{"octroi/providers/adyen"}, "a second provider must not find the first one's words anywhere else"},
	{"github.com/minio/", []string{"octroi/gateway/vault"}, "only the vault knows where documents lie"},
	{"github.com/pdfcpu/", []string{"octroi/gateway/intake"}, "a stranger's PDF is parsed where nothing can be lost"},
	{"github.com/alicebob/miniredis", []string{"octroi/cmd/octroi"}, "the demo's Redis is no part of the gateway"},
}

// pkg is what "go list" tells of a package.
type pkg struct {
	ImportPath, Dir                             string
	GoFiles, Imports, TestImports, XTestImports []string
}

// list asks the go command for all packages of the module.
func list(t *testing.T) (out []pkg) {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = top
	d := json.NewDecoder(strings.NewReader(string(must[[]byte](t)(cmd.Output()))))
	for {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}

func TestPackagesImportOnlyFromFloorsBelow(t *testing.T) {
	for _, p := range list(t) {
		floor, known := floors[p.ImportPath]
		if !known {
			t.Errorf("%s has no floor: give it one here and in the design, so that everybody knows what it may import", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if below, ours := floors[imported]; ours && below >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d): arrows run downward only, or two packages grow into one", p.ImportPath, floor, imported, below)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			below, ours := floors[imported]
			if ours && below >= floor && imported != p.ImportPath && !slices.Contains(sideways[p.ImportPath], imported) {
				t.Errorf("the tests of %s (floor %d) import %s (floor %d): what needs more than the floors below is tested further up", p.ImportPath, floor, imported, below)
			}
		}
	}
}

func TestRiskAndProvidersCouldBeLiftedOut(t *testing.T) {
	within := func(path, tree string) bool { return path == tree || strings.HasPrefix(path, tree+"/") }
	for _, p := range list(t) {
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for _, tree := range []string{"octroi/risk", "octroi/providers"} {
				if within(p.ImportPath, tree) && within(imported, "octroi") && !within(imported, tree) {
					t.Errorf("%s imports %s: %s knows nothing of the rest, so that it can be used alone", p.ImportPath, imported, tree)
				}
			}
			if within(p.ImportPath, "octroi/gateway") && within(imported, "octroi/dashboards") {
				t.Errorf("%s imports %s: the gateway runs without anybody looking", p.ImportPath, imported)
			}
		}
	}
}

func TestEachLibraryIsKnownToItsOwnPackageAlone(t *testing.T) {
	for _, p := range list(t) {
		for _, imported := range p.Imports { // tests may start whatever servers they like
			for _, r := range reserved {
				if !strings.HasPrefix(imported, r.prefix) {
					continue
				}
				allowed := slices.ContainsFunc(r.users, func(u string) bool {
					return p.ImportPath == u || u == "octroi/dashboards" && strings.HasPrefix(p.ImportPath, u+"/")
				})
				if !allowed {
					t.Errorf("%s imports %s: %s", p.ImportPath, imported, r.why)
				}
			}
		}
	}
}

// sources parses every file of a package that is not a test.
func sources(t *testing.T, p pkg) (files map[string]*ast.File) {
	t.Helper()
	files = map[string]*ast.File{}
	set := token.NewFileSet()
	for _, name := range p.GoFiles {
		files[name] = must[*ast.File](t)(parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution))
	}
	return files
}

func TestEveryPackageHasOneDocComment(t *testing.T) {
	for _, p := range list(t) {
		var documented []string
		for name, f := range sources(t, p) {
			if f.Doc != nil {
				documented = append(documented, name)
			}
		}
		if len(p.GoFiles) > 0 && len(documented) != 1 {
			t.Errorf("%s has doc comments in %v: a package says in one place what lives in it", p.ImportPath, documented)
		}
	}
}

func TestNothingHappensBeforeMain(t *testing.T) {
	for _, p := range list(t) {
		for name, f := range sources(t, p) {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s/%s has an init function: what a package needs it is given by its caller", p.ImportPath, name)
				}
			}
		}
	}
}

func TestOnlyTheProgramReadsTheMachinesClock(t *testing.T) {
	for _, p := range list(t) {
		if p.ImportPath == "octroi/cmd/octroi" {
			continue
		}
		for name, f := range sources(t, p) {
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				of, ok := sel.X.(*ast.Ident)
				if ok && of.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
					t.Errorf("%s/%s reads time.%s: the clock is an argument, or no test can set it", p.ImportPath, name, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestTheTopLevelIsWhatTheDesignSays(t *testing.T) {
	allowed := []string{"cmd", "gateway", "risk", "providers", "dashboards", "go.mod", "go.sum", "README.md"}
	for _, e := range must[[]fs.DirEntry](t)(os.ReadDir(top)) {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) && !ignored(t, name) {
			t.Errorf("%s lies at the top: a newcomer must see at one glance what there is", name)
		}
	}
}

// ignored reports whether git does not look at the file: what a build left there is nobody's design.
func ignored(t *testing.T, name string) bool {
	cmd := exec.CommandContext(t.Context(), "git", "check-ignore", "-q", name)
	cmd.Dir = top
	return cmd.Run() == nil
}
