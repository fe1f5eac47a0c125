package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"tongka/internal/auth"
	"tongka/internal/config"
	"tongka/internal/dc78"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/scheme"
)

type dc78Cmd struct {
	Show       dc78Show     `cmd:"" help:"Print how the tills of shops sign, and what that leaves unprotected. No key is printed."`
	Set        dc78Set      `cmd:"" help:"Set how the tills of a shop sign. It takes effect within a second."`
	Settings   dc78Settings `cmd:"" help:"List the settings a signature scheme has."`
	FindScheme dc78Find     `cmd:"" name:"find-scheme" help:"Find out how tills sign: search signature schemes for those that explain recorded genuine requests."`
}

type dc78Show struct {
	config.Database
	Shop ledger.ShopID `placeholder:"ID" help:"Of this shop only."`
}

// Run prints the signature schemes of all shops, or of one, as YAML.
func (c *dc78Show) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	agents, err := s.Agents(ctx)
	if err != nil {
		return err
	}
	shown := 0
	for _, a := range agents {
		if a.Shop == 0 || c.Shop != 0 && a.Shop != c.Shop {
			continue
		}
		told, err := scheme.Parse(a.Scheme)
		if err != nil {
			return fmt.Errorf("shop %d: %w", a.Shop, err)
		}
		fmt.Fprintf(con.out, "# shop %d, agent %s\n", a.Shop, a.Name)
		showScheme(con.out, told)
		shown++
	}
	if shown == 0 {
		return errors.New("there is no shop whose tills speak the dc78 wire, or none with that id: see tongka shop list, " +
			"and give it an agent by tongka apply")
	}
	return nil
}

// showScheme prints a scheme in the form in which it stands under an agent in the file of tongka apply, with a
// comment about what it leaves unprotected.
func showScheme(out io.Writer, told scheme.Scheme) {
	if why := told.Unguarded(); why != "" {
		fmt.Fprintf(out, "# Beware: %s.\n", why)
	}
	fmt.Fprintln(out, "signature:")
	for line := range strings.Lines(told.String()) {
		fmt.Fprint(out, "  "+line)
	}
}

type dc78Settings struct{ listing }

type settingRow struct {
	Name   string `json:"name"`
	Scheme string `json:"scheme"`
	Values string `json:"values"`
	Normal string `json:"default"`
	Help   string `json:"what"`
}

// Run lists the settings.
func (c *dc78Settings) Run(con *console) error {
	var rows []settingRow
	for _, one := range scheme.Help() {
		rows = append(rows, settingRow{one.Name, one.Kind, one.Values, one.Normal, one.Help})
	}
	return print(con, c.listing, rows)
}

type dc78Set struct {
	config.Database
	config.Secrets
	doer
	Shop       ledger.ShopID `required:"" placeholder:"ID" help:"The shop."`
	Scheme     string        `required:"" enum:"hmac,none,custom" help:"hmac is ours, none verifies nothing (this machine and the agent's listed addresses only), custom is as the settings say."`
	Setting    []string      `arg:"" optional:"" sep:"none" placeholder:"NAME=VALUE" help:"Settings other than their defaults, like digest=sha1: see dc78 settings."`
	SecretFile string        `placeholder:"FILE" help:"A file to read the developer secret from; - is standard input. Without it the secret stays as it is."`
}

// Run sets the scheme.
func (c *dc78Set) Run(ctx context.Context, con *console) (err error) {
	told, err := scheme.New(c.Scheme)
	if err != nil {
		return err
	}
	for _, text := range c.Setting {
		name, value, found := strings.Cut(text, "=")
		if !found {
			return fmt.Errorf("want settings like digest=sha1, got %q", text)
		}
		if err := told.Set(name, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	by, err := c.caller()
	if err != nil {
		return err
	}
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	err = b.changeAgent(ctx, by, "dc78 set", func(agents []ledger.Agent) (ledger.Agent, error) {
		at := slices.IndexFunc(agents, func(a ledger.Agent) bool { return a.Shop == c.Shop && a.Shop != 0 })
		if at < 0 {
			return ledger.Agent{}, fmt.Errorf(
				"shop %d has no tills: see tongka shop list, and make them with tongka agent add --shop", c.Shop)
		}
		a := agents[at]
		if err := c.seal(ctx, b, &a); err != nil {
			return a, err
		}
		a.Scheme = told.Kept()
		return a, auth.Signing(&a)
	})
	if err != nil {
		return err
	}
	showScheme(con.out, told)
	return nil
}

func (c *dc78Set) seal(ctx context.Context, b *books, a *ledger.Agent) error {
	if c.SecretFile == "" {
		return nil
	}
	secret, err := readSecret(c.SecretFile, "")
	if err != nil {
		return err
	}
	key, err := openKey(ctx, b.Store, c.DB, c.Secrets, os.Getenv(keyEnv))
	if err != nil {
		return err
	}
	auth.SealSecret(key, a, secret)
	return nil
}

// maxSecret is the longest secret in bytes.
const maxSecret = 512

// readSecret returns a secret from the first line of a file, or of standard input if file is "-"; if file is "" it
// returns the environment variable env, which may be empty. White space around it is dropped, and the mark that
// editors put in front: neither is seen, and no secret has it. Secrets are never arguments, which every user of the
// machine could read.
func readSecret(file, env string) (string, error) {
	if file == "" {
		return bare(os.Getenv(env)), nil
	}
	in := os.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer f.Close() //nolint:errcheck // it was only read
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, maxSecret+2)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	whole := strings.TrimRight(line, "\r\n")
	secret := bare(whole)
	if secret == "" || len(whole) > maxSecret {
		return "", fmt.Errorf("%s: want a secret of 1 to %d letters in the first line", file, maxSecret)
	}
	return secret, nil
}

func bare(secret string) string { return strings.TrimSpace(strings.TrimPrefix(secret, "\ufeff")) }

// Environment variables from which find-scheme takes key and secret if no file is named.
const (
	findKeyEnv    = "TONGKA_DC78_APIKEY"
	findSecretEnv = "TONGKA_DC78_SECRET"
)

type dc78Find struct {
	Recording  []string `arg:"" placeholder:"FILE" help:"Files with recorded requests, one each: raw HTTP, as a proxy or tcpdump records it, or a curl command line, as browsers copy it for bash or cmd. Give two or more with different parameters, as one alone usually fits several schemes."`
	APIKeyFile string   `name:"api-key-file" placeholder:"FILE" help:"A file to read the shop's ApiKey from; - is standard input. Without it $TONGKA_DC78_APIKEY is used."`
	SecretFile string   `placeholder:"FILE" help:"A file to read the developer secret from; - is standard input. Without it $TONGKA_DC78_SECRET is used, if it is set."`
	MSIDName   string   `name:"msid-name" placeholder:"NAME" help:"The name of the parameter with the shop's number, if the search does not find it."`
	TimeName   string   `placeholder:"NAME" help:"The name of the parameter with the time, likewise."`
	NonceName  string   `placeholder:"NAME" help:"The name of the parameter with the nonce, likewise."`
	SignName   string   `placeholder:"NAME" help:"The name of the parameter with the signature, likewise."`
}

// mostOthers bounds how many other schemes are printed.
const mostOthers = 10

// Run searches the signature schemes and prints the first that explains all recordings.
func (c *dc78Find) Run(con *console) error {
	var creds scheme.Credentials
	var err error
	if creds.Key, err = readSecret(c.APIKeyFile, findKeyEnv); err != nil {
		return err
	}
	if creds.Secret, err = readSecret(c.SecretFile, findSecretEnv); err != nil {
		return err
	}
	if creds.Key == "" && creds.Secret == "" {
		return fmt.Errorf("give the ApiKey by --api-key-file or $%s", findKeyEnv)
	}
	var sent []*scheme.Sent
	for _, file := range c.Recording {
		r, err := readRecording(file)
		if err != nil {
			return err
		}
		sent = append(sent, r)
	}
	start := time.Now()
	found, err := scheme.Find(sent, creds, scheme.Names{
		MSID: c.MSIDName, Time: c.TimeName, Nonce: c.NonceName, Sign: c.SignName,
	})
	if none, ok := errors.AsType[*scheme.NoSignError](err); ok {
		return c.unsigned(none)
	}
	if err != nil {
		return err
	}
	return c.tell(con.out, found, creds, time.Since(start))
}

// unsigned says in which files no signature was found, and how to name it.
func (c *dc78Find) unsigned(none *scheme.NoSignError) error {
	var files []string
	for _, i := range none.Recordings {
		files = append(files, c.Recording[i])
	}
	which := strings.Join(files, ", ")
	switch {
	case which == "":
		return fmt.Errorf("%s: the signature has not one name at one place in all of them: name it by --sign-name, and "+
			"search those apart that were sent by other tills", strings.Join(c.Recording, ", "))
	case c.SignName != "":
		return fmt.Errorf("%s: there is no parameter %s that looks like a signature (%s): name another by --sign-name",
			which, c.SignName, scheme.SignLooks)
	}
	return fmt.Errorf("%s: no parameter looks like a signature (%s) and has a usual name, as sign has: name it by "+
		"--sign-name", which, scheme.SignLooks)
}

// readRecording reads no more of a file than a recording may have: it may be a device or a pipe without an end.
func readRecording(file string) (*scheme.Sent, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	r, err := dc78.ReadRecording(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// notGiven says what more there is to search with, if nothing was found without it.
func notGiven(creds scheme.Credentials) string {
	switch {
	case creds.Secret == "":
		return "no developer secret was given: if the tills sign with one, give it by --secret-file or $" + findSecretEnv +
			"; "
	case creds.Key == "":
		return "no ApiKey was given: give it by --api-key-file or $" + findKeyEnv + "; "
	}
	return ""
}

func (c *dc78Find) tell(out io.Writer, found scheme.Found, creds scheme.Credentials, took time.Duration) error {
	fmt.Fprintf(out, "# %d schemes in %.1f s; %d explain every recording.\n", found.Searched, took.Seconds(),
		len(found.Schemes))
	if len(found.Schemes) == 0 {
		return errors.New("no scheme of the family explains every recording: are they genuine and unchanged, is the " +
			"key theirs, " +
			"and are msid, time, nonce and signature named as in them (--sign-name and the others)? " +
			notGiven(creds) + scheme.NotHeld)
	}
	for _, o := range found.Open {
		fmt.Fprintf(out, "# The recordings leave open: %v\n", o)
	}
	for _, line := range found.Others(mostOthers) {
		fmt.Fprintf(out, "# Another one that explains them: %s\n", line)
	}
	if len(found.Schemes) > 1 || len(found.Open) > 0 {
		fmt.Fprintln(out,
			"# Ambiguous: record another request, an mb_trans among them, one with an empty value, a 0, a space, Chinese "+
				"letters and names with capitals in other places, "+
				"and search with both. What no request of these tills would show makes no difference to them.")
	}
	showScheme(out, found.Schemes[0])
	return nil
}
