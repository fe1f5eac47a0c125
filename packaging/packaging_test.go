// Package packaging_test looks at what is packaged: that alerts and the dashboard ask for what the program has,
// that files are where packages look for them, and that settings are known.
package packaging_test

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"tongka/internal/config"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// exposed is what a server with TLS shows Prometheus once it was asked for something: names, and all labels.
func exposed(t *testing.T) (names, labels map[string]bool) {
	t.Helper()
	url, client := serve(t)
	get(t, client, url+"/api2/member-cjb/cardlevellist")                                        // without a token
	names, labels = map[string]bool{"up": true}, map[string]bool{"job": true, "instance": true} // Prometheus' own
	label := regexp.MustCompile(`(\w+)="`)
	for line := range strings.SplitSeq(get(t, client, url+"/metrics"), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		end := strings.IndexAny(line, "{ ")
		names[line[:end]] = true
		for _, m := range label.FindAllStringSubmatch(line, -1) {
			labels[m[1]] = true
		}
	}
	return names, labels
}

// certificate writes a certificate and its key, and returns a client that trusts it.
func certificate(t *testing.T, cert, key string) *http.Client {
	t.Helper()
	known := httptest.NewTLSServer(http.NotFoundHandler()) // it has a certificate for 127.0.0.1
	t.Cleanup(known.Close)
	secret, err := x509.MarshalPKCS8PrivateKey(known.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: known.Certificate().Raw}, key: {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return known.Client()
}

// serve starts the program on new books and returns where it is reached, and by which client.
func serve(t *testing.T) (string, *http.Client) {
	t.Helper()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	client := certificate(t, cert, key)
	program := filepath.Join(dir, "tongka.exe")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../cmd/tongka")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "serve", "--addr", "127.0.0.1:0",
		"--db", "sqlite:"+filepath.Join(dir, "books.db"), "--tls-cert", cert, "--tls-key", key)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // says it was killed
	})
	said := bufio.NewScanner(log)
	last := ""
	for said.Scan() {
		last = said.Text()
		if m := regexp.MustCompile(`"msg":"serving","addr":"([^"]+)"`).FindStringSubmatch(said.Text()); m != nil {
			go io.Copy(io.Discard, log) //nolint:errcheck // it ends with the server
			return "https://" + m[1], client
		}
	}
	t.Fatalf("the server does not start: %v: %s", said.Err(), last)
	return "", nil
}

func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// expressions are all queries of the alerts and of the dashboard.
func expressions(t *testing.T) []string {
	t.Helper()
	var alerts struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "monitoring/alerts.yaml")), &alerts); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			all = append(all, r.Expr)
		}
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "monitoring/dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, q := range p.Targets {
			all = append(all, q.Expr)
		}
	}
	if len(all) < 20 {
		t.Fatalf("%d expressions: they are not where they were", len(all))
	}
	return all
}

var (
	metricName = regexp.MustCompile(`\b(?:tongka|process|go)_[a-z0-9_]+|\bup\b`)
	matcher    = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)\s*"`)
	grouping   = regexp.MustCompile(`by \(([^)]*)\)`)
)

// Every metric that alerts and dashboard ask for is one the program has, by labels it gives. A dashboard that
// asks for another would show nothing, and an alert never tell.
func TestMetricsExist(t *testing.T) {
	t.Parallel()
	names, labels := exposed(t)
	told := regexp.MustCompile("`(tongka_[a-z0-9_]+)`").FindAllStringSubmatch(read(t, "../docs/operating.md"), -1)
	for _, m := range told {
		if !names[m[1]] && !names[m[1]+"_bucket"] {
			t.Errorf("operating.md: there is no metric %s", m[1])
		}
	}
	for _, expr := range expressions(t) {
		found := metricName.FindAllString(expr, -1)
		if len(found) == 0 {
			t.Errorf("%s: asks for no metric", expr)
		}
		for _, name := range found {
			if !names[name] {
				t.Errorf("%s: there is no metric %s", expr, name)
			}
		}
		used := []string{}
		for _, m := range matcher.FindAllStringSubmatch(expr, -1) {
			used = append(used, m[1])
		}
		for _, m := range grouping.FindAllStringSubmatch(expr, -1) {
			used = append(used, strings.Split(strings.ReplaceAll(m[1], " ", ""), ",")...)
		}
		for _, label := range used {
			if !labels[label] {
				t.Errorf("%s: there is no label %s", expr, label)
			}
		}
	}
}

// Each alert has a case in which it fires and one in which it is quiet, which `make alerts` tries.
func TestAlertsHaveCases(t *testing.T) {
	t.Parallel()
	cases := read(t, "monitoring/alerts_test.yaml")
	alerts := regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(read(t, "monitoring/alerts.yaml"), -1)
	if len(alerts) < 10 {
		t.Fatalf("%d alerts: they are not where they were", len(alerts))
	}
	for _, alert := range alerts {
		for _, name := range []string{alert[1] + " fires", alert[1] + " is quiet"} {
			if !strings.Contains(cases, "\n    name: "+name+"\n") {
				t.Errorf("there is no case %q", name)
			}
		}
	}
}

// Every file a package takes is there, and the units start what the package brings.
func TestPackageFiles(t *testing.T) {
	t.Parallel()
	var spec struct {
		Contents []struct{ Src, Dst string }
		Scripts  map[string]string
	}
	if err := yaml.Unmarshal([]byte(read(t, "nfpm.yaml")), &spec); err != nil {
		t.Fatal(err)
	}
	brought := map[string]bool{}
	sources := []string{}
	for _, c := range spec.Contents {
		brought[c.Dst] = true
		sources = append(sources, c.Src)
	}
	for _, script := range spec.Scripts {
		sources = append(sources, script)
	}
	for _, src := range sources {
		if _, err := os.Stat(filepath.Join("..", src)); err != nil && src != "${BINARY}" && src != "${PAGES}" {
			t.Error(err)
		}
	}
	for _, page := range shipped(t) {
		brought["/usr/share/doc/tongka/"+page] = true
	}
	named := regexp.MustCompile(`/usr/share/doc/tongka/[\w./-]*\w`)
	for _, file := range []string{"tongka.yaml", "postinstall.sh", "../docs/operating.md"} {
		for _, path := range named.FindAllString(read(t, file), -1) {
			if !brought[path] {
				t.Errorf("%s names %s, which the package does not bring", file, path)
			}
		}
	}
	paths := regexp.MustCompile(`(?m)^(?:ExecStart=|Documentation=file://)(/\S+)|--config (/\S+)`)
	for _, unit := range []string{
		"tongka.service", "tongka-verify.service", "tongka-verify.timer", "tongka-alert@.service",
	} {
		for _, m := range paths.FindAllStringSubmatch(read(t, "systemd/"+unit), -1) {
			if path := m[1] + m[2]; !brought[path] {
				t.Errorf("%s names %s, which the package does not bring", unit, path)
			}
		}
	}
}

// Every setting of the packaged file and of the container is one of the program's.
func TestPackagedSettings(t *testing.T) {
	t.Parallel()
	var flags, env []string
	for _, c := range config.Comments() {
		flags = append(flags, c.Flag)
		env = append(env, "TONGKA_"+strings.ToUpper(strings.ReplaceAll(c.Flag, "-", "_")))
	}
	var settings map[string]string
	if err := yaml.Unmarshal([]byte(read(t, "tongka.yaml")), &settings); err != nil {
		t.Fatal(err)
	}
	for key := range settings {
		if !slices.Contains(flags, key) {
			t.Errorf("tongka.yaml: there is no setting %s", key)
		}
	}
	wantKeyIn(t, "/var/lib/tongka", settings["db"], settings["key-file"])
	container := map[string]string{}
	for _, m := range regexp.MustCompile(`(TONGKA_\w+)=(\S+)`).FindAllStringSubmatch(read(t, "docker/Dockerfile"), -1) {
		container[m[1]] = m[2]
	}
	wantKeyIn(t, "/data", container["TONGKA_DB"], container["TONGKA_KEY_FILE"])
	if addr := settings["admin-addr"]; addr == "" || strings.HasSuffix(addr, ":9090") {
		t.Errorf("tongka.yaml: admin-addr is %q; 9090 is the port of Prometheus itself", addr)
	}
	found := regexp.MustCompile(`TONGKA_\w+`).FindAllString(read(t, "docker/Dockerfile"), -1)
	if len(found) == 0 || len(settings) == 0 {
		t.Error("nothing was looked at")
	}
	for _, name := range found {
		if !slices.Contains(env, name) {
			t.Errorf("Dockerfile: there is no setting %s", name)
		}
	}
}

// wantKeyIn holds that the key file is named, so that the server and commands, whatever folder they are typed in, use
// one on PostgreSQL too. It is in the folder that is kept, by the name it has for commands with --db sqlite:FILE alone.
func wantKeyIn(t *testing.T, folder, db, keyFile string) {
	t.Helper()
	if path.Dir(keyFile) != folder || "sqlite:"+keyFile != db+".key" {
		t.Errorf("the key of %s is %q, want it beside the books in %s", db, keyFile, folder)
	}
}

// The container knows its version, which /metrics and the log show, and has its health looked at by a command there is.
func TestImageIsKnownAndLookedAt(t *testing.T) {
	t.Parallel()
	for file, line := range map[string]string{
		"../Makefile":              `(?m)^\tdocker build --build-arg VERSION=\$\(VERSION\) `,
		"../cmd/tongka/version.go": `(?m)^var release string$`,
		"../cmd/tongka/main.go":    `(?m)^\tPing +pingCmd `,
		"../scripts/dist.sh":       `-X main\.release=\$version"`,
	} {
		if !regexp.MustCompile(line).MatchString(read(t, file)) {
			t.Errorf("%s has no line like %s", file, line)
		}
	}
	for _, line := range []string{
		`^ARG VERSION=`, `^RUN .*-X main\.release=\$VERSION\b`, `^HEALTHCHECK .* CMD \["/tongka", "ping"\]$`,
	} {
		if !regexp.MustCompile("(?m)" + line).MatchString(read(t, "docker/Dockerfile")) {
			t.Errorf("the Dockerfile has no line like %s", line)
		}
	}
}

// No proxy sends tills on from HTTP to HTTPS: Caddy does so by itself unless it is told not to, nginx where it listens
// on port 80.
func TestProxiesDoNotRedirect(t *testing.T) {
	t.Parallel()
	if !regexp.MustCompile(`(?m)^\{\n(\t.*\n)*\tauto_https disable_redirects\n(\t.*\n)*\}$`).MatchString(read(t,
		"proxy/Caddyfile")) {
		t.Error("Caddyfile: its global options do not switch redirects off, which Caddy makes for each name")
	}
	if found := regexp.MustCompile(`(?m)^\s*(listen\s+(\S+:)?80\b.*|return 30.*|rewrite .*)$`).FindString(read(t,
		"proxy/nginx.conf")); found != "" {
		t.Errorf("nginx.conf: %q", found)
	}
}

// Proxies pass on what tills and phones ask for, and nothing else: the server is on loopback, where /metrics is
// answered too. Of the page it was all that begins with /m. A block in comments passes on the console and the API, for
// who puts it in force.
func TestProxiesPassNothingElse(t *testing.T) {
	t.Parallel()
	office := []string{ // what only the block in comments passes on
		"/console", "/console/", "/console/first", "/v1/cards", "/docs", "/docs/assets/docs.css",
	}
	tills := []string{
		"/api2/member-cjb/consume", "/Api", "/api", "/Api/", "/api/mb_check", "/m", "/m/", "/m/bind", "/m/assets/page.js",
	}
	never := []string{"/", "/metrics", "/healthz", "/readyz", "/apis", "/api2", "/consoles", "/v1", "/document"}
	inForce, inComments := regexp.MustCompile(`(?m)^#.*\n`), regexp.MustCompile(`(?m)^#`)
	for file, passes := range map[string]func(*testing.T, string, string) bool{
		"proxy/Caddyfile": caddyPasses, "proxy/nginx.conf": nginxPasses,
	} {
		asShipped := inForce.ReplaceAllString(read(t, file), "")
		asMeant := inComments.ReplaceAllString(read(t, file), "")
		for _, path := range office {
			if passes(t, asShipped, path) || !passes(t, asMeant, path) {
				t.Errorf("%s: %s is passed on where it is not asked for, or not where it is", file, path)
			}
		}
		for _, path := range tills {
			if !passes(t, asShipped, path) {
				t.Errorf("%s: %s is not passed on", file, path)
			}
		}
		for _, path := range never {
			if passes(t, asShipped, path) || passes(t, asMeant, path) {
				t.Errorf("%s: %s is passed on", file, path)
			}
		}
	}
}

// caddyPasses reports whether a matcher of a Caddyfile is met by a path.
func caddyPasses(t *testing.T, config, path string) bool {
	t.Helper()
	matchers := regexp.MustCompile(`(?m)^\t@\w+ path (.*)$`).FindAllStringSubmatch(config, -1)
	if proxied := strings.Count(config, "\t\timport tongka\n"); len(matchers) < 2 || len(matchers) != proxied {
		t.Fatalf("%d matchers of Caddy for %d upstreams: they are not where they were", len(matchers), proxied)
	}
	for _, m := range matchers {
		for glob := range strings.FieldsSeq(m[1]) {
			start, open := strings.CutSuffix(glob, "*")
			if path == glob || open && strings.HasPrefix(path, start) {
				return true
			}
		}
	}
	return false
}

// nginxPasses reports whether a location of nginx that passes requests on is met by a path.
func nginxPasses(t *testing.T, config, path string) bool {
	t.Helper()
	locations := regexp.MustCompile(`(?m)^\tlocation ~ (\S+) \{\n\t\tproxy_pass `).FindAllStringSubmatch(config, -1)
	if proxied := strings.Count(config, "proxy_pass "); len(locations) < 2 || len(locations) != proxied {
		t.Fatalf("%d locations of nginx for %d upstreams: they are not where they were", len(locations), proxied)
	}
	return slices.ContainsFunc(locations, func(m []string) bool { return regexp.MustCompile(m[1]).MatchString(path) })
}

// No proxy logs what stands behind ?, neither in what it was asked nor, which is easily forgotten, in its errors: a
// link that nobody could open because the server was being restarted is as good as the card.
func TestProxiesLogNoQuery(t *testing.T) {
	t.Parallel()
	const filtered = `(?m)^\tlog \{\n\t\tformat filter \{\n\t\t\trequest>uri regexp \[\?\]\.\* ""\n\t\t\}\n\t\}$`
	caddy := read(t, "proxy/Caddyfile")
	global, _, _ := strings.Cut(caddy, "\n}\n")
	logs := regexp.MustCompile(`\blog\b.*\{`).FindAllString(caddy, -1)
	if !regexp.MustCompile(filtered).MatchString(global) || len(logs) != 1 {
		t.Error("Caddyfile: what it logs by default, errors among it, is not all that it logs, or has queries")
	}
	nginx := read(t, "proxy/nginx.conf")
	servers := strings.Split(nginx, "\nserver {\n")[1:]
	for _, server := range servers {
		if !strings.Contains(server, "\taccess_log /var/log/nginx/tongka.log tongka;\n") {
			t.Errorf("nginx.conf logs requests in its own way: %s", server)
		}
		if !regexp.MustCompile(`(?m)^\terror_log \S+ (crit|alert|emerg);$`).MatchString(server) {
			t.Errorf("nginx.conf logs errors, in which requests are: %s", server)
		}
	}
	format := regexp.MustCompile(`(?m)^log_format tongka '(.*)';$`).FindStringSubmatch(nginx)
	if len(servers) != 2 || format == nil ||
		regexp.MustCompile(`\$(request|request_uri|args|query_string|is_args|arg_\w+|http_\w+)\b`).MatchString(format[1]) {
		t.Errorf("nginx.conf: its format has queries: %v", format)
	}
}

// Proxies let go of a connection before the server does: otherwise a request is sent into one that it has just closed,
// and a till hears 502.
func TestProxiesCloseFirst(t *testing.T) {
	t.Parallel()
	idle := regexp.MustCompile(`IdleTimeout = or\(c\.IdleTimeout, (\d+)\*time\.Second\)`).FindStringSubmatch(
		read(t, "../internal/httpd/server.go"))
	if idle == nil {
		t.Fatal("how long a connection is kept is not where it was")
	}
	server, err := strconv.Atoi(idle[1])
	if err != nil {
		t.Fatal(err)
	}
	for file, setting := range map[string]string{
		"Caddyfile": `(?m)^\s*keepalive (\d+)s$`, "nginx.conf": `(?m)^\s*keepalive_timeout (\d+)s;`,
	} {
		kept := regexp.MustCompile(setting).FindStringSubmatch(read(t, "proxy/"+file))
		if kept == nil {
			t.Errorf("%s does not say how long it keeps a connection", file)
			continue
		}
		if proxy, err := strconv.Atoi(kept[1]); err != nil || proxy >= server {
			t.Errorf("%s keeps a connection for %d s, the server for %d, %v", file, proxy, server, err)
		}
	}
}

// The server's unit lets it ask the kernel whether the clock is synchronised, and what it forbids is refused rather
// than the end of the program.
func TestUnitLetsTheClockBeAsked(t *testing.T) {
	t.Parallel()
	unit := read(t, "systemd/tongka.service")
	if regexp.MustCompile(`(?m)^ProtectClock=(yes|true|on|1)$`).MatchString(unit) {
		t.Error("ProtectClock= forbids adjtimex, by a filter of its own")
	}
	filters := regexp.MustCompile(`(?m)^SystemCallFilter=(.*)$`).FindAllStringSubmatch(unit, -1)
	if len(filters) == 0 || filters[len(filters)-1][1] != "adjtimex" { // the last word counts
		t.Errorf("@privileged has @clock in it, and nothing lets adjtimex through behind it: %v", filters)
	}
	for _, name := range []string{"tongka.service", "tongka-verify.service"} {
		if !strings.Contains(read(t, "systemd/"+name), "\nSystemCallErrorNumber=EPERM\n") {
			t.Errorf("%s ends the program where it asks for what is forbidden", name)
		}
	}
}

// The unit that proves the books does not fail before the first card is opened: books without an entry have an exit
// code of their own, and no other is taken for success.
func TestVerifyOfAFreshInstallSucceeds(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`(?m)^\s*exitEmpty\s+= (\d+) `).FindStringSubmatch(read(t, "../cmd/tongka/main.go"))
	if code == nil {
		t.Fatal("the exit code of empty books is not where it was")
	}
	unit := read(t, "systemd/tongka-verify.service")
	set := regexp.MustCompile(`(?m)^SuccessExitStatus=(.*)$`).FindAllStringSubmatch(unit, -1)
	if len(set) != 1 || set[0][1] != code[1] {
		t.Errorf("SuccessExitStatus is %v, want %s alone", set, code[1])
	}
	if !strings.Contains(unit, "\nAfter=tongka.service\n") {
		t.Error("it may begin before the server has made the database")
	}
}
