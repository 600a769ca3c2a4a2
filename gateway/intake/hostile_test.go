package intake

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// patientHost is a server that gives its children a minute instead of five seconds: the race detector needs it.
const patientHost = "patient"

// host is a process of its own, so that its memory can be told from the test's: an intake behind HTTP. It ends with its
// standard input.
func host() int {
	path, _ := exec.LookPath("pdftoppm")
	limits := DefaultLimits()
	if os.Args[2] == patientHost {
		limits.Time = time.Minute
	}
	in, err := New(context.Background(), Config{Limits: limits, Command: []string{os.Args[0], Hidden}, Renderer: path, Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		Registerer: prometheus.NewRegistry()})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}
	fmt.Println(l.Addr())
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			data := make([]byte, max(r.ContentLength, 0))
			if _, err := io.ReadFull(r.Body, data); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			q := r.URL.Query()
			doc, err := in.Inspect(r.Context(), q.Get("source"), q.Get("name"), "", data)
			var no *Unacceptable
			switch {
			case errors.As(err, &no):
				w.Header().Set("X-Result", no.Code)
			case err != nil:
				w.Header().Set("X-Result", "error: "+err.Error())
			default:
				w.Header().Set("X-Result", accepted)
				if doc.Type != typePDF {
					_, _ = w.Write(doc.Data)
				}
			}
		}))
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// hosted is that process, seen from the test.
type hosted struct {
	url string
	pid int
}

func startHost(t *testing.T, how string) hosted {
	t.Helper()
	cmd := exec.Command(os.Args[0], "host", how)
	stdin, err := cmd.StdinPipe()
	out, oerr := cmd.StdoutPipe()
	if err := errors.Join(err, oerr, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server did not end well: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "127.") {
		t.Fatalf("the server says %q, %v", line, err)
	}
	return hosted{"http://" + strings.TrimSpace(line), cmd.Process.Pid}
}

// send uploads a file, again while the server is busy, tries times at most, and gives the verdict and what would be kept.
func (h hosted) send(tries int, source, name string, data []byte) (result string, kept []byte, busy int, err error) {
	for busy < tries {
		resp, err := http.Post(h.url+"/?source="+source+"&name="+name, "application/octet-stream", bytes.NewReader(data))
		if err != nil {
			return "", nil, busy, err
		}
		kept, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if result = resp.Header.Get("X-Result"); err != nil || result != CodeBusy {
			return result, kept, busy, err
		}
		busy++
		time.Sleep(50 * time.Millisecond)
	}
	return CodeBusy, nil, busy, nil
}

// How often a file is sent to a server that is busy. A file that keeps the renderer at work for all of its time is answered
// busy on a machine with much else to do: an attacker who insists would only measure the clock.
const (
	attackersTries = 3
	buyersTries    = 100
)

// resident adds up the resident pages (proc(5), statm) of a process and of all below it, in bytes. What they share, the
// program's own text say, counts once for each, so that the sum is never less than what they hold.
func resident(pid int) (total int64) {
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", todo[0]))
		if fields := strings.Fields(string(b)); len(fields) > 1 {
			pages, _ := strconv.ParseInt(fields[1], 10, 64)
			total += pages * int64(os.Getpagesize())
		}
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", todo[0]))
		for _, f := range threads {
			b, _ := os.ReadFile(f)
			for _, child := range strings.Fields(string(b)) {
				if pid, err := strconv.Atoi(child); err == nil {
					todo = append(todo, pid)
				}
			}
		}
	}
	return total
}

// maxResident is what the server and all its children may hold together while they are attacked, in bytes.
const maxResident = 300 << 20

// siege is what came of an attack.
type siege struct {
	mu      sync.Mutex
	results map[string]map[string]int // kind of file -> verdict -> how many
	longest map[string]time.Duration
	busy    int
	good    []time.Duration
	peak    int64
	looks   int
	photo   []byte
	done    chan struct{}
}

// TestHostileFilesAreNeitherTakenNorFatal uploads files of every kind in the attacker's book, from many cases at once, and
// meanwhile a good photo again and again. OCTROI_HOSTILE says how many; then the photo is a camera's of 5 MB, and the figures
// in the log are those to quote.
func TestHostileFilesAreNeitherTakenNorFatal(t *testing.T) {
	files, how, photo := 60, patientHost, jpegOf(t, letter(1, 1))
	if n, err := strconv.Atoi(os.Getenv("OCTROI_HOSTILE")); err == nil {
		files, how, photo = n, "as the program does", cameraPhoto(t)
	}
	h := startHost(t, how)
	s := &siege{photo: photo, results: map[string]map[string]int{}, longest: map[string]time.Duration{}, done: make(chan struct{})}
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(h) })
	watching.Go(func() { s.goodBuyer(t, h) })
	work := make(chan int)
	var attackers sync.WaitGroup
	for k := range 6 {
		attackers.Go(func() {
			a := newAttacker(t, uint64(k))
			for i := range work {
				s.attack(t, h, a.next(i), fmt.Sprint("case_", i%48))
			}
		})
	}
	begun := time.Now()
	for i := range files {
		work <- i
	}
	close(work)
	attackers.Wait()
	close(s.done)
	watching.Wait()
	s.report(t, files, time.Since(begun))
	// The server is as good as new.
	if result, _, _, err := h.send(buyersTries, "case_last", "a.jpg", jpegOf(t, corners(64, 32))); result != accepted || err != nil {
		t.Errorf("after the attack a photo is %s, %v", result, err)
	}
}

func (s *siege) attack(t *testing.T, h hosted, f hostile, source string) {
	begun := time.Now()
	result, kept, busy, err := h.send(attackersTries, source, f.name, f.data)
	took := time.Since(begun)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.results[f.kind] == nil {
		s.results[f.kind] = map[string]int{}
	}
	s.results[f.kind][result]++
	s.busy += busy
	s.longest[f.kind] = max(s.longest[f.kind], took)
	switch {
	case err != nil || strings.HasPrefix(result, "error"):
		t.Errorf("%s %s: %s, %v", f.kind, f.name, result, err)
	case result == accepted && !f.kept:
		t.Errorf("%s: %s of %d bytes was taken", f.kind, f.name, len(f.data))
	case bytes.Contains(kept, []byte("HOSTILE")) || bytes.Contains(kept, []byte("GPSCANARY")):
		t.Errorf("%s: what was kept of %s still holds what was hidden in it", f.kind, f.name)
	case f.kind == "card" && result != CodeCardData:
		t.Errorf("a card number in %s is %s", f.name, result)
	}
}

// watch measures memory until the attack is over.
func (s *siege) watch(h hosted) {
	for {
		select {
		case <-s.done:
			return
		case <-time.After(15 * time.Millisecond):
			s.peak, s.looks = max(s.peak, resident(h.pid)), s.looks+1
		}
	}
}

// goodBuyer sends a photo, from a case of his own.
func (s *siege) goodBuyer(t *testing.T, h hosted) {
	for {
		begun := time.Now()
		result, _, _, err := h.send(buyersTries, "case_good", "photo.jpg", s.photo)
		s.good = append(s.good, time.Since(begun))
		if result != accepted || err != nil {
			t.Errorf("the good photo is %s, %v", result, err)
		}
		select {
		case <-s.done:
			return
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (s *siege) report(t *testing.T, files int, took time.Duration) {
	for _, kind := range slices.Sorted(maps.Keys(s.results)) {
		b, _ := json.Marshal(s.results[kind])
		t.Logf("%-9s %s, longest %v", kind, b, s.longest[kind].Round(time.Millisecond))
	}
	slices.Sort(s.good)
	at := func(p float64) time.Duration { return s.good[int(p*float64(len(s.good)-1))].Round(time.Millisecond) }
	load, _ := os.ReadFile("/proc/loadavg")
	t.Logf("%d hostile files in %v, told to try again %d times", files, took.Round(time.Second), s.busy)
	t.Logf("most resident at one time, server, children and renderers together: %d MB, of %d looks at /proc", s.peak>>20, s.looks)
	if detector == 1 && s.peak > maxResident || s.looks == 0 { // the race detector holds a multiple of it
		t.Errorf("%d MB are resident at one time, of %d looks; at most %d MB are wanted", s.peak>>20, s.looks, maxResident>>20)
	}
	t.Logf("good photo of %.1f MB meanwhile: n=%d median %v, p90 %v, p99 %v, longest %v; load of the machine %s", float64(len(s.photo))/1e6, len(s.good), at(.5), at(.9), at(.99), at(1),
		strings.TrimSpace(string(load)))
}
