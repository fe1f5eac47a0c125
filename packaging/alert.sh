#!/bin/sh
# alert UNIT is called by tongka-alert@.service when a unit failed. It hands the unit's name to the operator's own program,
# /etc/tongka/alert, which sends a mail or a message as the user tongka, for instance
#
#   #!/bin/sh
#   journalctl --unit "$1" --lines 50 --no-pager | mail -s "$(hostname): $1 failed" ops@example.com
#
# (chmod 755). Without such a program the journal has a critical line, for whatever watches that.
set -eu
program=${TONGKA_ALERT:-/etc/tongka/alert}
if [ -x "$program" ]; then
	exec "$program" "$1"
fi
echo "<2>$1 failed: see journalctl --unit $1. There is no $program to tell anybody else."
