package wording

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed templates
var shippedFiles embed.FS

// Bounds of a folder of templates.
const (
	maxFiles = 100
	maxBytes = 64 << 10 // of one file
)

// shellFile is the frame that every mail's HTML is put into, unless the mail has an HTML file of its own.
const shellFile = "shell.html"

// Set is every mail in every language. It does not change, and may be used by many at once.
type Set struct {
	shell *htmltemplate.Template
	words map[string]words // by language/name
}

// Shipped is the set that shops have unless they bring their own.
var Shipped = sync.OnceValues(func() (*Set, error) {
	files, err := fs.Sub(shippedFiles, "templates")
	if err != nil {
		return nil, fmt.Errorf("read the shipped mail templates: %w", err)
	}
	sources, err := Read(files)
	if err != nil {
		return nil, fmt.Errorf("read the shipped mail templates: %w", err)
	}
	set := &Set{words: map[string]words{}}
	if err := set.overlay(sources, nil); err != nil {
		return nil, fmt.Errorf("the shipped mail templates are wrong: %w", err)
	}
	return set, nil
})

// Sources are the files of a folder of templates by path, with forward slashes.
type Sources map[string]string

// Load reads what a shop has written: LANGUAGE/NAME.txt takes the place of a shipped mail, LANGUAGE/NAME.html beside it of its
// HTML, and shell.html of the frame of all others. What the folder does not hold stays as shipped. Templates may link
// to {{.Link}} and to the hosts named, nowhere else. The error is Problems: all that
// is wrong, by file and line.
func Load(sources Sources, hosts []string) (*Set, error) {
	shipped, err := Shipped()
	if err != nil {
		return nil, err
	}
	set := &Set{shell: shipped.shell, words: maps.Clone(shipped.words)}
	if err := set.overlay(sources, hosts); err != nil {
		return nil, err
	}
	return set, nil
}

// Render fills one mail. It fails for a name or language that is not there.
func (s *Set) Render(name, language string, v View) (Rendered, error) {
	w, ok := s.words[language+"/"+name]
	if !ok {
		return Rendered{}, fmt.Errorf("there is no mail %q in %q", name, language)
	}
	return w.render(v, language, s.shell)
}

// Read gives the files of a folder, at most 100 of at most 64 KiB. Those whose name begins with a dot are left out, as
// editors leave some.
func Read(files fs.FS) (Sources, error) {
	sources := Sources{}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case len(sources) == maxFiles:
			return fmt.Errorf("there are more than %d files: a folder of mail templates holds nothing else", maxFiles)
		}
		source, err := readBounded(files, path)
		sources[path] = source
		return err
	})
	return sources, err
}

func readBounded(files fs.FS, path string) (string, error) {
	f, err := files.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err == nil && len(b) > maxBytes {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxBytes)
	}
	return string(b), err
}

// overlay puts a folder's files in the place of what the set holds, or says everything that is wrong with them.
func (s *Set) overlay(sources Sources, hosts []string) error {
	var problems Problems
	changed := map[string]bool{}
	for _, file := range slices.Sorted(maps.Keys(sources)) {
		lint(file, sources[file], hosts, &problems)
		if file == shellFile {
			s.shell = document(file, sources[file], pageFields, hosts, &problems)
			continue
		}
		if key, ok := known(file, &problems); ok {
			changed[key] = true
		}
	}
	for key := range changed {
		s.words[key] = s.read(key, sources, hosts, &problems)
	}
	if s.shell == nil {
		problems.add(shellFile, 0, "is missing")
	}
	if len(problems) == 0 {
		s.try(sources, changed, &problems)
	}
	return problems.sorted()
}

// known is the mail that a file belongs to, as language/name.
func known(file string, problems *Problems) (string, bool) {
	language, name, _ := strings.Cut(file, "/")
	stem, extension, _ := strings.Cut(name, ".")
	_, mail := mails[stem]
	switch {
	case extension != "txt" && extension != "html" || !slices.Contains(Languages(), language):
		problems.add(file, 0, "is not a template: files are %s, and en/NAME.txt, en/NAME.html, fr/NAME.txt and fr/NAME.html", shellFile)
	case !mail:
		problems.add(file, 0, "there is no mail %s: they are %s", stem, strings.Join(Names(), ", "))
	default:
		return language + "/" + stem, true
	}
	return "", false
}

// read makes one mail of its files, and sees that it is there in every language.
func (s *Set) read(key string, sources Sources, hosts []string, problems *Problems) words {
	language, name, _ := strings.Cut(key, "/")
	for _, other := range Languages() {
		for _, extension := range []string{".txt", ".html"} {
			_, here := sources[key+extension]
			if _, there := sources[other+"/"+name+extension]; here && !there {
				problems.add(key+extension, 0, "there is no %s/%s%s: a mail is changed in %s or in none", other, name, extension,
					strings.Join(Languages(), " and "))
			}
		}
	}
	text, ok := sources[key+".txt"]
	if !ok {
		problems.add(key+".html", 0, "there is no %s.txt: an HTML of its own stands beside its text, and says the same", key)
		return s.words[key]
	}
	w := readWords(key+".txt", inPrint(text, language), problems)
	for _, t := range w.templates() {
		fields(w.file, t.Tree, textFields(name), problems)
	}
	if html, ok := sources[key+".html"]; ok {
		w.own = document(key+".html", html, ownFields(name), hosts, problems)
		if !strings.Contains(html, `lang="`+language+`"`) && !strings.Contains(html, `lang="{{.Language}}"`) {
			problems.add(key+".html", 1, `must say its language: <html lang="%s">`, language)
		}
	}
	return w
}

// document reads a whole HTML file. What is wrong with it goes to the problems, and then what comes back is empty.
func document(file, source string, may scope, hosts []string, problems *Problems) *htmltemplate.Template {
	t, err := htmltemplate.New(file).Parse(source)
	if err != nil {
		problems.template(file, err)
		return htmltemplate.Must(htmltemplate.New(file).Parse(""))
	}
	fields(file, t.Tree, may, problems)
	markup(file, source, hosts, problems)
	return t
}
