package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// top is the repository.
var top = filepath.Join("..", "..")

const kept = "docs/tongka.postman_collection.json"

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// requests calls fn with every request of a folder.
func requests(items []item, fn func(*item)) {
	for i := range items {
		if items[i].Request != nil {
			fn(&items[i])
		}
		requests(items[i].Item, fn)
	}
}

// The file is what the program makes now.
func TestCurrent(t *testing.T) {
	t.Parallel()
	made, err := collection(top)
	if err != nil {
		t.Fatal(err)
	}
	if string(made) != read(t, kept) {
		t.Errorf("%s is not of now: go generate ./internal/postman", kept)
	}
}

// Every request has what Postman and Apifox need to send it, and there is one for each operation, endpoint and action.
func TestComplete(t *testing.T) {
	t.Parallel()
	var all file
	if err := json.Unmarshal([]byte(read(t, kept)), &all); err != nil {
		t.Fatal(err)
	}
	if all.Info.Schema != "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" || len(all.Item) != 3 {
		t.Fatalf("%+v, %d folders", all.Info, len(all.Item))
	}
	known := map[string]bool{"{{timestamp}}": true, "{{nonce}}": true, "{{sign}}": true, "{{$guid}}": true}
	for _, v := range all.Variable {
		known["{{"+v.Key+"}}"] = true
	}
	bare := regexp.MustCompile(`: \[?\{\{\w+\}\}\]?`) // stands for a number, or a list of one
	used := regexp.MustCompile(`\{\{[^}]*\}\}`)
	requests(all.Item, func(one *item) {
		r := one.Request
		if one.Name == "" || r.Method == "" || len(r.Header) == 0 || !strings.HasPrefix(r.URL.Raw, "{{base_url}}/") {
			t.Errorf("%s: %+v", one.Name, r)
		}
		if (r.Method == "POST" || r.Method == "PUT") && r.Body == nil ||
			r.Body != nil && r.Body.Options.Raw.Language == "json" && !json.Valid([]byte(bare.ReplaceAllString(r.Body.Raw, ": 1"))) {
			t.Errorf("%s: the body is %+v", one.Name, r.Body)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range used.FindAllString(string(text), -1) {
			if !known[name] {
				t.Errorf("%s: there is no variable %s", one.Name, name)
			}
		}
	})
	for i, want := range []int{
		len(regexp.MustCompile(`(?m)^      operationId: `).FindAllString(read(t, "docs/openapi.yaml"), -1)),
		endpoints(t, "internal/sandy/routes.go"), endpoints(t, "internal/dc78/routes.go"),
	} {
		n := 0
		requests(all.Item[i:i+1], func(*item) { n++ })
		if n != want || n < 10 {
			t.Errorf("%s: %d requests, the server has %d", all.Item[i].Name, n, want)
		}
	}
}

// endpoints returns how many endpoints a dialect has.
func endpoints(t *testing.T, routes string) int {
	t.Helper()
	return len(regexp.MustCompile(`\{name: "[a-z_0-9]+"`).FindAllString(read(t, routes), -1))
}

// Nothing in the file opens a server: no key, no token, no signature that was recorded.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	text := read(t, kept)
	secret := regexp.MustCompile(`\b([0-9a-f]{40}|[0-9a-f]{64})\b|(tk_|whsec_)[\w+/-]{16}`) // tk_SECRET stands for one
	if found := secret.FindAllString(text, -1); found != nil {
		t.Errorf("found %q", found)
	}
	for _, one := range []string{"tk_LcfEtE_pA5ySOXQw4aEM5K", "whsec_QZGsniGlJb6QVi7Q5BVrnx"} {
		if !secret.MatchString(one) {
			t.Errorf("%s is not found", one)
		}
	}
	var all file
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all.Variable {
		if v.Value != "" && (strings.HasSuffix(v.Key, "_key") || v.Key == "token") {
			t.Errorf("%s has a value", v.Key)
		}
	}
}

// The script signs as the contract's own example is signed, and what it sends is what it has signed.
func TestSign(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is needed to run the script: apt-get install nodejs")
	}
	out, err := exec.CommandContext(t.Context(), node, "-e", `
const crypto = require("crypto");
const hex = (h) => ({toString: () => h.digest("hex")});
const set = {msid: "10021", shop_key: "b77217c91f9d0f5670de0dfab0e75378176d6c2e"};
const pm = {
  variables: {
    replaceIn: (text) => text.replace("{{$guid}}", "a1b2-c3d4"), get: (name) => set[name],
    set: (name, value) => { set[name] = value; },
  },
  request: {body: {raw: process.argv[1], update: (text) => { pm.request.body.raw = text; }}},
};
Date.now = () => 1566296953999;
const require_ = () => ({
  SHA256: (text) => hex(crypto.createHash("sha256").update(text)),
  HmacSHA256: (text, key) => hex(crypto.createHmac("sha256", key).update(text)),
});
new Function("pm", "require", process.argv[2])(pm, require_);
console.log(set.sign + " " + pm.request.body.raw);
`, `{"action":{"action":"mb_check"},"get":{"mbno":"47302320","getlist":"1"}}`, signScript).Output()
	const want = "0a42919f876c039adca4905c8353a0b95d9cf50a6eb23c064c92c53cde1c446f " +
		`{"action":{"action":"mb_check"},"get":{"mbno":"47302320","getlist":"1"}}` + "\n"
	if err != nil || string(out) != want {
		t.Errorf("got %s, %v, want %s", out, err, want)
	}
}
