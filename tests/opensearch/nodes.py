"""Nodes of the real OpenSearch on the loopback interface, from Maven Central, where Java and Maven are."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

HERE = Path(__file__).parent
HEAP = "512m"
GARBAGE = ("-XX:+UseG1GC", "-XX:G1ReservePercent=25", "-XX:InitiatingHeapOccupancyPercent=30")
"""As OpenSearch itself has them: it refuses requests while its memory is full of garbage."""
START_WITHIN = 120
"""Seconds until a node answers; on a busy machine it takes that of many."""
FETCH_WITHIN = 300


class NotHereError(Exception):
    """OpenSearch cannot run on this machine."""


@cache
def class_path() -> str:
    """The server's files and the compiled node; fetched once a machine."""
    for program in ("java", "javac", "mvn"):
        if shutil.which(program) is None:
            raise NotHereError(f"{program} is not installed")
    sources = [HERE / "pom.xml", HERE / "OpenSearchNode.java"]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    folder = Path.home() / ".cache" / "papercord-tests" / f"opensearch-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / "done").exists():
            _run("mvn", "-B", "-q", "-f", str(sources[0]), "dependency:copy-dependencies",
                 f"-DoutputDirectory={folder}/jars", "-DincludeScope=runtime")  # fmt: skip
            _run("javac", "-cp", f"{folder}/jars/*", "-d", str(folder), str(sources[1]))
            (folder / "done").touch()
    return f"{folder}:{folder}/jars/*"


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=FETCH_WITHIN)
    except subprocess.CalledProcessError as error:
        said = (error.stdout + error.stderr).decode(errors="replace").strip().splitlines()
        raise NotHereError(f"{command[0]}: {said[0] if said else 'failed'}") from None
    except subprocess.TimeoutExpired:
        raise NotHereError(f"{command[0]} took longer than {FETCH_WITHIN} s") from None


@dataclass
class Node:
    """A node that can be killed and started again."""

    name: str
    home: Path
    port: int
    transport: int
    seeds: Sequence[str] = ()
    """The addresses of all nodes; none for one that is alone."""
    leaders: Sequence[str] = ()
    """The names of those that may lead the cluster; the others only hold papers."""
    ends_with: int = field(default_factory=os.getpid)
    """The process that it does not outlive."""
    is_for_tests: bool = False
    """Whether it lives for seconds only, for which the better compiler is too slow."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it without waiting."""
        (self.home / "config").mkdir(parents=True, exist_ok=True)
        settings = {
            "path.home": self.home,
            "cluster.name": "papercord-tests",
            "node.name": self.name,
            "http.port": self.port,
            "transport.port": self.transport,
            "http.host": "127.0.0.1",
            "transport.host": "127.0.0.1",
            # What else is on the disk is not the node's.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        if self.seeds:
            settings |= {
                "discovery.seed_hosts": ",".join(self.seeds),
                "cluster.initial_cluster_manager_nodes": ",".join(self.leaders),
            }
            if self.name not in self.leaders:
                settings["node.roles"] = "data"
        else:
            settings["discovery.type"] = "single-node"
        options = [f"-Xms{HEAP}", f"-Xmx{HEAP}", *GARBAGE]
        if self.is_for_tests:
            options.append("-XX:TieredStopAtLevel=1")
        arguments = [str(self.ends_with), *(f"{name}={value}" for name, value in settings.items())]
        with (self.home / "output").open("ab") as output:
            self.process = subprocess.Popen(
                ["java", *options, "-cp", class_path(), "OpenSearchNode", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def answers(self) -> bool:
        """Whether it answers, with a cluster that has a manager."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/_cluster/health?local=false&cluster_manager_timeout=2s")
            return connection.getresponse().status == 200
        return False

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + START_WITHIN
        while not self.answers():
            has_ended = self.process is not None and self.process.poll() is not None
            if has_ended or time.monotonic() > until:
                said = (self.home / "output").read_text(errors="replace").strip().splitlines()
                raise NotHereError(f"OpenSearch does not start: {said[0] if said else 'it says nothing'}")
            time.sleep(0.2)

    def processor_seconds(self) -> float:
        """How long it has used the processor."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End it as when its machine is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def leave(self) -> None:
        """Leave it to the process with which it ends; nobody waits for it here."""
        if self.process is not None:
            self.process.returncode = 0


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def nodes(number: int, folder: Path, leaders: int | None = None) -> list[Node]:
    """So many nodes of one cluster, not started; the first ones may lead it, or all."""
    names = [f"node{place}" for place in range(1, number + 1)]
    ports = {name: (free_port(), free_port()) for name in names}
    seeds = [f"127.0.0.1:{transport}" for _, transport in ports.values()] if number > 1 else []
    return [Node(name, folder / name, *ports[name], seeds, names[:leaders]) for name in names]


def node_of_run() -> str:
    """The address of the one node that all tests of a run share; skips the test where there can be none."""
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    folder = Path(tempfile.gettempdir()) / f"papercord-opensearch-{run}"
    try:
        class_path()
        with FileLock(f"{folder}.lock"):
            address = folder / "address"
            if not address.exists():
                _remove_old()
                node = nodes(1, folder)[0]
                node.ends_with, node.is_for_tests = run, True
                node.start()
                node.wait()
                node.leave()
                address.write_text(node.url, encoding="ascii")
            return address.read_text(encoding="ascii")
    except NotHereError as error:
        pytest.skip(f"no OpenSearch here: {error}")


def _remove_old() -> None:
    """Remove what runs that have ended left."""
    for folder in Path(tempfile.gettempdir()).glob("papercord-opensearch-*"):
        run = folder.name.removesuffix(".lock").rpartition("-")[2]
        if run.isdecimal() and not Path(f"/proc/{run}").exists():
            shutil.rmtree(folder, ignore_errors=True) if folder.is_dir() else folder.unlink(missing_ok=True)
