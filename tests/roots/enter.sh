# Runs inside `unshare --mount`: makes the directory $1 the root of this namespace, and keeps the namespace alive.
# A root of its own, not a plain chroot: programs inside make namespaces too.
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
pivot_root . .
umount -l .
mkdir -p /run/user/1000
chown 1000:1000 /run/user/1000
echo entered
exec sleep infinity
