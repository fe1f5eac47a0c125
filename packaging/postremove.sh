#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi
# The books are never removed with the program, nor the key they are sealed under.
if [ "$1" = purge ] && [ -d /var/lib/tongka ]; then
	echo "tongka: the books stay in /var/lib/tongka; remove that folder yourself if you mean it"
fi
