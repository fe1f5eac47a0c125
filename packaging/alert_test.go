package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Somebody hears of it when the books are not proved: the unit that proves them calls another one when it fails, which
// calls the operator's program with the unit's name, or else leaves a critical line in the journal.
func TestFailedProofIsTold(t *testing.T) {
	t.Parallel()
	if !strings.Contains(read(t, "systemd/tongka-verify.service"), "\nOnFailure=tongka-alert@%N.service\n") {
		t.Error("nobody is told when tongka-verify.service fails")
	}
	if !strings.Contains(read(t, "systemd/tongka-alert@.service"), "\nExecStart=/usr/lib/tongka/alert %i\n") {
		t.Error("tongka-alert@.service does not call what the package brings with the name of the unit")
	}
	const brought = "{src: packaging/alert.sh, dst: /usr/lib/tongka/alert, file_info: {mode: 0755}}"
	if !strings.Contains(read(t, "nfpm.yaml"), brought) {
		t.Error("the package does not bring packaging/alert.sh as a program")
	}
	dir := t.TempDir()
	program, told := filepath.Join(dir, "alert"), filepath.Join(dir, "told")
	if got := alert(t, program); !strings.HasPrefix(got, "<2>tongka-verify failed: ") {
		t.Errorf("without a program of the operator's the journal gets %q", got)
	}
	text := "#!/bin/sh\necho \"$1\" > " + told + "\n"
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := alert(t, program); got != "" {
		t.Errorf("with a program of the operator's the journal gets %q", got)
	}
	if got := read(t, told); got != "tongka-verify\n" {
		t.Errorf("the operator's program was told %q", got)
	}
}

// alert calls what the package brings as /usr/lib/tongka/alert, with a program in place of /etc/tongka/alert.
func alert(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "alert.sh", "tongka-verify")
	cmd.Env = append(os.Environ(), "TONGKA_ALERT="+program)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// The example for nginx is a part of a configuration, and says where it goes: put in place of nginx.conf it is refused.
func TestNginxSaysWhereItGoes(t *testing.T) {
	t.Parallel()
	conf := read(t, "proxy/nginx.conf")
	head, _, _ := strings.Cut(conf, "\n\n")
	if !strings.Contains(head, "/etc/nginx/conf.d/") {
		t.Errorf("its head does not say where it goes: %s", head)
	}
	for line := range strings.Lines(conf) {
		if strings.HasPrefix(line, "http ") || strings.HasPrefix(line, "events ") {
			t.Errorf("%q may not stand in a file of conf.d", strings.TrimSpace(line))
		}
	}
}
