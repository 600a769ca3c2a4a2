package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"octroi/gateway/flow"
	"octroi/gateway/store"
	"octroi/gateway/vault"
)

// The demo's public credentials, printed at every start. serve refuses them.
const (
	demoShop     = "demo"
	demoAccount  = "OctroiDemo"
	demoAPIKey   = "sk_demo_octroi"
	demoToken    = "an_demo_octroi"
	seniorToken  = "an_demo_octroi_senior" // lists ask for a senior
	demoPassword = "octroi-demo-"          // and the user's name
)

// What lies in the demo's folder. --fresh removes these and nothing else.
const (
	demoMarker    = ".octroi-demo"
	demoKeys      = "keys.json"
	demoDatabase  = "octroi.db"
	demoJournal   = "adyensim.jsonl"
	demoLog       = "octroi.log"
	demoMail      = "mail"
	demoDocuments = "documents"
)

// demoUsers are the people of the demo.
var demoUsers = []store.User{
	{Name: "analyst", Role: store.RoleAnalyst, Language: "fr"},
	{Name: "senior", Role: store.RoleSenior, Language: "en"},
	{Name: "admin", Role: store.RoleAdmin, Language: "en"},
}

// demoSecrets are made once per folder. Each begins with a mark, as text or as the bytes that it stands for, by which
// serve knows and refuses it.
type demoSecrets struct {
	AdyenAPIKey  string            `json:"adyen_api_key"`
	AdyenHMACKey string            `json:"adyen_hmac_key"` // hexadecimal, as Adyen's are
	Keys         map[string]string `json:"keys"`
	Identity     string            `json:"documents_identity"`
	Recipient    string            `json:"documents_recipient"`
}

// keyNames are the purposes of the keys.
var keyNames = []string{"audit", "body", "fingerprint", "histories", "link"}

// lockDemoFolder keeps a second demo from the folder for as long as the file is open: two of them would write each their
// own story into the same ledger.
func lockDemoFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, demoMarker), os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another demo is running on %s: choose another folder with --dir", dir), f.Close())
	}
	return f, nil
}

// noteDatabase writes down where the demo's database is, for the commands that are given the folder alone.
func noteDatabase(f *os.File, address string) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(demoMark+databaseMark+address+"\n"), 0)
	return err
}

// The marker's text: what it is for, and where the database is.
const (
	demoMark     = "This folder belongs to \"octroi demo\", which may empty it when asked to with --fresh.\n"
	databaseMark = "database: "
)

// markDemoFolder makes the folder a demo's if it is empty or not there. A folder that has something else in it is refused.
func markDemoFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == demoMarker && e.Type().IsRegular() }) {
		return nil
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not a folder of the demo (it has no %s): choose an empty one with --dir", dir, demoMarker)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, demoMarker), []byte(demoMark), 0o600)
}

// openDemoFolder gives the secrets of a marked folder, emptied first when it is to be fresh.
func openDemoFolder(dir string, fresh bool, random io.Reader) (demoSecrets, error) {
	if fresh {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return demoSecrets{}, err
		}
		if err := emptyDemoFolder(dir, entries); err != nil {
			return demoSecrets{}, err
		}
	}
	k, err := readDemoSecrets(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return makeDemoSecrets(dir, random)
	}
	return k, err
}

// emptyDemoFolder removes what the demo itself puts there. The marker stays, so that an interrupted run can go on.
func emptyDemoFolder(dir string, entries []fs.DirEntry) error {
	for _, e := range entries {
		ours := slices.Contains([]string{demoKeys, demoJournal, demoLog, demoMail, demoDocuments}, e.Name()) ||
			e.Name() == demoDatabase || strings.HasPrefix(e.Name(), demoDatabase+"-") // SQLite's log and index
		if !ours {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func readDemoSecrets(dir string) (k demoSecrets, err error) {
	b, err := readBounded(filepath.Join(dir, demoKeys), maxSecret)
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(b, &k); err != nil {
		return k, fmt.Errorf("%s is damaged: start with --fresh", filepath.Join(dir, demoKeys))
	}
	return k, nil
}

func makeDemoSecrets(dir string, random io.Reader) (k demoSecrets, err error) {
	draw := func() (b [keySize]byte, err error) {
		_, err = io.ReadFull(random, b[:])
		return b, err
	}
	k.Keys = map[string]string{}
	for _, name := range keyNames {
		b, err := draw()
		if err != nil {
			return k, err
		}
		k.Keys[name] = demoPassword + base64.StdEncoding.EncodeToString(b[:])
	}
	api, err := draw()
	if err != nil {
		return k, err
	}
	hmac, err := draw()
	if err != nil {
		return k, err
	}
	k.AdyenAPIKey, k.AdyenHMACKey = demoPassword+hex.EncodeToString(api[:]), hex.EncodeToString([]byte(demoPassword))+hex.EncodeToString(hmac[:])
	seed, err := draw()
	if err != nil {
		return k, err
	}
	copy(seed[:], demoPassword) // twenty random bytes are left
	if k.Identity, k.Recipient, err = vault.IdentityFrom(seed[:]); err != nil {
		return k, err
	}
	b, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return k, err
	}
	// Written whole or not at all: half a file would lose the key to everything else in the folder.
	path := filepath.Join(dir, demoKeys)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return k, err
	}
	return k, os.Rename(path+".new", path)
}

// keys are the secrets as the program takes them.
func (k demoSecrets) keys() (out Keys, err error) {
	raw := map[string][]byte{}
	for _, name := range keyNames {
		b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(k.Keys[name], demoPassword))
		if err != nil || len(b) != keySize {
			return out, fmt.Errorf("%s: the key %s is damaged: start with --fresh", demoKeys, name)
		}
		raw[name] = b
	}
	return Keys{Audit: raw["audit"], Histories: raw["histories"],
		Keys: flow.Keys{FingerprintID: "demo", Fingerprint: raw["fingerprint"], Body: raw["body"], Link: raw["link"]}}, nil
}

// people adds the demo's shop key, users and token where they are not there yet.
func (d *demo) people(ctx context.Context) error {
	if err := d.store.AddKey(ctx, demoShop, "demo", demoAPIKey); err != nil {
		return err
	}
	have, err := d.store.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range demoUsers {
		if slices.ContainsFunc(have, func(h store.User) bool { return h.Name == u.Name }) {
			continue
		}
		if err := d.store.AddUser(ctx, u, demoPassword+u.Name); err != nil {
			return err
		}
	}
	return errors.Join(d.store.AddToken(ctx, demoUsers[0].Name, demoToken), d.store.AddToken(ctx, demoUsers[1].Name, seniorToken))
}

// demoConfigOf gives the configuration of a demo folder for commands that only need its database.
func demoConfigOf(dir string) (Config, error) {
	mark, err := readBounded(filepath.Join(dir, demoMarker), maxSecret)
	if err != nil {
		return Config{}, fmt.Errorf("%s is not a folder of the demo", dir)
	}
	database := "sqlite:" + filepath.Join(dir, demoDatabase)
	if _, noted, found := strings.Cut(string(mark), databaseMark); found {
		database = strings.TrimSpace(noted)
	}
	if path, file := strings.CutPrefix(database, "sqlite:"); file {
		if _, err := os.Stat(path); err != nil {
			return Config{}, fmt.Errorf("the demo in %s has no database yet: start it once", dir)
		}
	}
	k, err := readDemoSecrets(dir)
	if err != nil {
		return Config{}, err
	}
	keys, err := k.keys()
	return Config{Database: database, Keys: keys, Rand: rand.Reader,
		Documents: Documents{Dir: filepath.Join(dir, demoDocuments), Recipient: k.Recipient, Identity: k.Identity},
		Shops:     []Shop{{Shop: flow.Shop{ID: demoShop}}}}, err
}
