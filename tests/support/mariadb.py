"""A MariaDB server for the tests: what is on the PATH, else Debian's package where root may install it; then gone."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from scripts.setup import SetupError

PACKAGE = "mariadb-server-core"
"""Debian's server without its service: https://packages.debian.org/stable/mariadb-server-core."""
SHARE = (Path("/usr/share/mysql"), Path("/usr/share/mariadb"))
SYSTEM_TABLES = (
    "mysql_system_tables.sql",
    "mysql_performance_tables.sql",
    "mysql_system_tables_data.sql",
    "maria_add_gis_sp_bootstrap.sql",
)
BEGIN = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n"
"""What `mariadb-install-db` says first; that script needs tools of another package. Root has no password."""
USER = "nobody"
START_SECONDS = 60


def binary() -> Path | None:
    """The server's program; installed where it is absent and root may do so."""
    result = _on_path()
    if result is None and os.getuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "--no-install-recommends", PACKAGE]):
            subprocess.run(command, capture_output=True, check=False, env=environment)
        result = _on_path()
    return result


def _on_path() -> Path | None:
    program = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(program) if program else None


@contextmanager
def server() -> Generator[str]:
    """A running server, as the URL of its root.

    Raises:
        SetupError: no server could be installed or started.
    """
    program = binary()
    share = next((folder for folder in SHARE if (folder / SYSTEM_TABLES[0]).exists()), None)
    if program is None or share is None:
        raise SetupError("no MariaDB: install its server (mariadbd) and try again")
    home = Path(tempfile.mkdtemp(prefix="interlock-my-"))
    home.chmod(0o755)
    try:
        for folder in (home, home / "data", home / "tmp"):
            folder.mkdir(exist_ok=True)
            if os.getuid() == 0:
                shutil.chown(folder, USER)
        common = [str(program), "--no-defaults", f"--datadir={home / 'data'}", f"--tmpdir={home / 'tmp'}"]
        common += [f"--user={USER}"] if os.getuid() == 0 else []
        tables = BEGIN + "".join((share / name).read_text() for name in SYSTEM_TABLES)
        done = subprocess.run([*common, "--bootstrap"], input=tables, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SetupError(f"MariaDB made no data folder: {done.stderr[-1000:]}")
        with _running(common, home) as port:
            yield f"mysql+pymysql://root@127.0.0.1:{port}/"
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _running(common: list[str], home: Path) -> Generator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    places = [f"--socket={home / 'socket'}", f"--pid-file={home / 'pid'}", "--skip-log-bin"]
    options = [f"--port={port}", "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--log-warnings=2"]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen([*common, *options, *places], stdout=log, stderr=log, start_new_session=True)
    try:
        _await(process, port, home / "server.log")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
    raise SetupError(f"MariaDB did not start: {log.read_text()[-1000:]}")
