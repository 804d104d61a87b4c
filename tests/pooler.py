"""PgBouncer in transaction mode before the tests' PostgreSQL (`make test-pgbouncer`): no act relies on a session."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import wait_until

PGBOUNCER = os.environ.get("MYKEY_TEST_PGBOUNCER")
"""The folder into which the Debian packages pgbouncer, libevent-2.1-7 and libc-ares2 were unpacked."""
POOLED = "port=6432&prepare_threshold=none"
"""What the address of a database has beside; a server process is somebody else's after each transaction."""
SETTINGS = """
[databases]
* = host={folder} port=5432 user=postgres
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
user = {user}
pool_mode = transaction
default_pool_size = 4
server_idle_timeout = 5
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
logfile = {folder}/pgbouncer.log
"""


@contextmanager
def pooled(folder: str) -> Iterator[None]:
    """Let PgBouncer listen beside the server's own socket, as the server's user."""
    socket, root = Path(folder), Path(str(PGBOUNCER))
    user = pwd.getpwuid(next(socket.glob(".s.PGSQL.5432")).stat().st_uid).pw_name
    (socket / "pgbouncer.ini").write_text(SETTINGS.format(folder=folder, user=user))
    (socket / "pgbouncer.ini").chmod(0o644)
    command = [root / "usr/sbin/pgbouncer", "-u", user, "-q", str(socket / "pgbouncer.ini")]
    environment = os.environ | {"LD_LIBRARY_PATH": str(root / "usr/lib/x86_64-linux-gnu")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        wait_until((socket / ".s.PGSQL.6432").exists)
        yield
        process.kill()
