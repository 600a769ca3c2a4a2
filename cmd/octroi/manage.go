package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"octroi/gateway/store"
	"octroi/risk/velocity"
)

// source names the installation a command works on: serve's by its file, or a demo's by its folder.
type source struct{ config, dir string }

func (s *source) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.config, "config", "", "configuration file of serve")
	cmd.Flags().StringVar(&s.dir, "dir", "", "folder of a demo, in place of --config")
	cmd.MarkFlagsOneRequired("config", "dir")
	cmd.MarkFlagsMutuallyExclusive("config", "dir")
}

// load reads the configuration and gives it clock, randomness and a logger that warns.
func (s *source) load(cmd *cobra.Command) (cfg Config, err error) {
	if s.dir != "" {
		cfg, err = demoConfigOf(s.dir)
	} else {
		var l loaded
		l, err = loadConfig(s.config, lookupEnv)
		cfg = l.Config
	}
	cfg.Clock, cfg.Rand = time.Now, rand.Reader
	cfg.Logger = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	return cfg, err
}

// with opens the installation's database around fn.
func (s *source) with(cmd *cobra.Command, fn func(context.Context, Config, *store.Store) error) error {
	cfg, err := s.load(cmd)
	if err != nil {
		return err
	}
	db, err := openStore(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	return errors.Join(fn(cmd.Context(), cfg, db), db.Close())
}

// credential makes one that cannot be guessed: the prefix and 192 random bits.
func credential(cfg Config, prefix string) (string, error) {
	var b [24]byte
	if _, err := cfg.Rand.Read(b[:]); err != nil {
		return "", err
	}
	return prefix + base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// operator is who acts in the audit log for commands.
const operator = "operator"

func noted(ctx context.Context, cfg Config, db *store.Store, action, subject string) error {
	return db.Commit(ctx, store.Writes{Audit: []store.Audit{{At: cfg.Clock().UTC(), Actor: operator, Action: action, Subject: subject}}})
}

func userAddCommand() *cobra.Command {
	var s source
	var u store.User
	var role, passwordFile string
	cmd := &cobra.Command{Use: "add", Short: "Add a person of the console; without --password-file a password is made and printed once",
		Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			u.Role = store.Role(role)
			return s.with(cmd, func(ctx context.Context, cfg Config, db *store.Store) error {
				password, err := credential(cfg, "")
				if passwordFile != "" {
					var b []byte
					b, err = readBounded(passwordFile, maxSecret)
					password = strings.TrimRight(string(b), "\r\n")
				}
				if err != nil {
					return err
				}
				if isDemoSecret(password) {
					return errors.New("this is a password of the demo: choose another")
				}
				if err := db.AddUser(ctx, u, password); err != nil {
					return err
				}
				if err := noted(ctx, cfg, db, "user.added", u.Name); err != nil || passwordFile != "" {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), password)
				return err
			})
		}}
	s.flags(cmd)
	cmd.Flags().StringVar(&u.Name, "name", "", "name to sign in with")
	cmd.Flags().StringVar(&role, "role", string(store.RoleAnalyst), "analyst, senior or admin")
	cmd.Flags().StringVar(&u.Language, "language", "fr", "fr or en")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "file with the password")
	return required(cmd, "name")
}

func keyAddCommand() *cobra.Command {
	var s source
	var shop, name string
	cmd := &cobra.Command{Use: "add", Short: "Make an API key for a shop and print it once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.with(cmd, func(ctx context.Context, cfg Config, db *store.Store) error {
				if !knows(cfg.Shops, shop) {
					return fmt.Errorf("there is no shop %s in the configuration", shop)
				}
				key, err := credential(cfg, "sk_")
				if err != nil {
					return err
				}
				if err := db.AddKey(ctx, shop, name, key); err != nil {
					return err
				}
				if err := noted(ctx, cfg, db, "key.added", shop); err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), key)
				return err
			})
		}}
	s.flags(cmd)
	cmd.Flags().StringVar(&shop, "shop", "", "the shop's id")
	cmd.Flags().StringVar(&name, "name", "checkout", "what the key is for")
	return required(cmd, "shop")
}

func knows(shops []Shop, id string) bool {
	for _, s := range shops {
		if s.ID == id {
			return true
		}
	}
	return false
}

func tokenAddCommand() *cobra.Command {
	var s source
	var user string
	cmd := &cobra.Command{Use: "add", Short: "Make an API token for a person and print it once", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.with(cmd, func(ctx context.Context, cfg Config, db *store.Store) error {
				token, err := credential(cfg, "an_")
				if err != nil {
					return err
				}
				if err := db.AddToken(ctx, user, token); err != nil {
					return err
				}
				if err := noted(ctx, cfg, db, "token.added", user); err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
				return err
			})
		}}
	s.flags(cmd)
	cmd.Flags().StringVar(&user, "user", "", "whose token it is")
	return required(cmd, "user")
}

// required marks a flag that must be given. It fails only for a flag that does not exist, which would be seen at once.
func required(cmd *cobra.Command, flag string) *cobra.Command {
	if err := cmd.MarkFlagRequired(flag); err != nil {
		panic(err)
	}
	return cmd
}

func auditVerifyCommand() *cobra.Command {
	var s source
	cmd := &cobra.Command{Use: "verify", Short: "Check the chain of the audit log from its beginning", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.with(cmd, func(ctx context.Context, _ Config, db *store.Store) error {
				n, err := db.VerifyAudit(ctx)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d audit lines are as they were sealed.\n", n)
				return err
			})
		}}
	s.flags(cmd)
	return cmd
}

func velocityRebuildCommand() *cobra.Command {
	var config string
	cmd := &cobra.Command{Use: "rebuild", Short: "Fill the histories in Redis again from the database; orders may go on meanwhile",
		Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			s := source{config: config}
			return s.with(cmd, func(ctx context.Context, cfg Config, db *store.Store) error {
				rdb, err := velocity.Dial(cfg.Redis)
				if err != nil {
					return err
				}
				v, err := velocity.New(rdb, velocity.Config{Secret: cfg.Keys.Histories, Retention: retention(cfg.Shops), Tallies: shopTallies(cfg.Shops), Clock: cfg.Clock})
				if err != nil {
					return errors.Join(err, rdb.Close())
				}
				n, err := rebuild(ctx, db, v, cfg.Shops, cfg.Clock())
				_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%d events sent.\n", n)
				return errors.Join(err, v.Close())
			})
		}}
	cmd.Flags().StringVar(&config, "config", "", "configuration file of serve")
	return required(cmd, "config")
}

func policyCheckCommand() *cobra.Command {
	return &cobra.Command{Use: "check FILE", Short: "Compile a policy file (or the word default) and tell what is wrong with it",
		Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			_, p, err := readPolicy(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: policy %s is good: %d rules, %s\n", args[0], p.Ref().Name, len(p.Rules()), p.Ref().Version)
			return err
		}}
}
