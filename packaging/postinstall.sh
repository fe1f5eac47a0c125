#!/bin/sh
set -e
if ! getent passwd tongka >/dev/null; then
	if command -v useradd >/dev/null; then
		useradd --system --user-group --home-dir /var/lib/tongka --no-create-home --shell /usr/sbin/nologin tongka
	else
		adduser --system --group --home /var/lib/tongka --no-create-home tongka
	fi
fi
install -d -m 0700 -o tongka -g tongka /var/lib/tongka
chown root:tongka /etc/tongka /etc/tongka/tongka.yaml
chmod 0750 /etc/tongka
chmod 0640 /etc/tongka/tongka.yaml
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# An upgrade goes on with the new program; a first install waits to be told.
	systemctl try-restart tongka.service || true
fi
if [ "$1" = configure ] && [ -z "$2" ] || [ "$1" = 1 ]; then
	cat <<-'TEXT'
	tongka: make the first merchant from the example, once you have edited it (its card comes with money), then start:
	  sudo install -m 640 -g tongka /usr/share/doc/tongka/first.yaml /etc/tongka/first.yaml
	  sudo -u tongka tongka apply --config /etc/tongka/tongka.yaml /etc/tongka/first.yaml
	  sudo systemctl enable --now tongka.service tongka-verify.timer
	TEXT
fi
