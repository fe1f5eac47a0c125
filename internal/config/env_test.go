package config_test

import (
	"strings"
	"testing"

	"tongka/internal/config"
)

// A mistyped setting in the environment is refused as in the file, and what others put there is not.
func TestCheckEnv(t *testing.T) {
	t.Parallel()
	for variable, nearest := range map[string]string{
		"TONGKA_ADR=1":                  "TONGKA_ADDR",
		"TONGKA_TSL_CERT=x":             "TONGKA_TLS_CERT",
		"TONGKA_PAGE=x":                 "TONGKA_PAGE_URL",
		"TONGKA_BD=sqlite:x":            "TONGKA_DB",
		"TONGKA_addr=x":                 "TONGKA_ADDR",
		"TONGKA_PORT=80":                "none",
		"TONGKA_ADDR=x":                 "",
		"TONGKA_CONFIG=x":               "",
		"TONGKA_KEY=x":                  "",
		"TONGKA_DC78_SECRET=x":          "",
		"TONGKA_TEST_PG=x":              "",
		"TONGKA_SERVICE_HOST=10.0.0.1":  "",
		"TONGKA_SERVICE_PORT_HTTP=8080": "",
		"TONGKA_PORT=tcp://10.0.0.1:80": "",
		"TONGKA_ADMIN_PORT_9_TCP_ADDR=": "",
		"MYTONGKA_ADR=1":                "",
		"TONGKA=1":                      "",
	} {
		err := config.CheckEnv([]string{"PATH=/bin", variable})
		name, _, _ := strings.Cut(variable, "=")
		want := ""
		if nearest != "" {
			want = "environment: there is no setting " + name + strings.TrimSuffix(", the nearest is "+nearest,
				", the nearest is none") + ": mend or unset it; tongka serve --help lists them"
		}
		if got := errText(err); got != want {
			t.Errorf("%s: got %q, want %q", variable, got, want)
		}
	}
}
