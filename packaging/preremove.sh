#!/bin/sh
set -e
# Not on an upgrade: "upgrade" of dpkg, 1 of rpm.
if [ "$1" = remove ] || [ "$1" = 0 ]; then
	if [ -d /run/systemd/system ]; then
		systemctl disable --now tongka.service tongka-verify.timer || true
	fi
fi
