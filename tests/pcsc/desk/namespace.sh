# Runs inside `unshare -rmnp`: ports, /run and processes are this namespace's own, and end with it.
# Arguments: a directory in place of /run/pcscd, the daemon's configuration, the relay and its interpreter.
set -e
mount -t tmpfs tmpfs /run
mkdir /run/pcscd
mount --bind "$1" /run/pcscd
/usr/sbin/pcscd --foreground --info --config "$2" >"$1/pcscd.log" 2>&1 &
exec "$4" "$3" "$1"
