"""Build the console from its lock file: `python console/build.py NODE NPM_CLI`; with `check` behind it, check it.

The standard library is enough for it.

The wheel's build and `interlock up` in a clone both call it. What it makes is in `console/dist`; `dist/stamp` has the
digest of the sources, so that a second call with the same sources does nothing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DESCRIPTION = HERE.parent / "docs" / "openapi.json"
SOURCES = ("src", "public", "index.html", "package-lock.json", "tsconfig.json", "vite.config.ts")


def stamp() -> str:
    """The digest of what the console is built from."""
    digest = hashlib.sha256()
    for path in [*_files(), DESCRIPTION]:
        digest.update(f"\0{path.relative_to(HERE.parent).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def is_built() -> bool:
    """Whether `dist` holds what these sources make."""
    file = HERE / "dist" / "stamp"
    return file.is_file() and file.read_text() == stamp()


def build(node: Path, npm: Path) -> None:
    """Install the locked packages where they changed, then build.

    Raises:
        CalledProcessError: npm, the compiler or Vite refused; its output is in `output`.
    """
    install(node, npm)
    digest = stamp()
    # A page that is open keeps its files until the new ones are whole.
    shutil.rmtree(HERE / "dist.new", ignore_errors=True)
    _run(node, npm, "run", "--silent", "build", "--", "--outDir", "dist.new", "--logLevel", "warn")
    (HERE / "dist.new" / "stamp").write_text(digest)
    shutil.rmtree(HERE / "dist", ignore_errors=True)
    (HERE / "dist.new").rename(HERE / "dist")


def check(node: Path, npm: Path) -> None:
    """Hold the sources to the compiler, the linter and their tests.

    Raises:
        CalledProcessError: one of them found something; its output is in `output`.
    """
    install(node, npm)
    for script in ("check", "test"):
        _run(node, npm, "run", "--silent", script)


def install(node: Path, npm: Path) -> None:
    """Install the locked packages where they changed, and write the types of the API.

    Raises:
        CalledProcessError: npm refused; its output is in `output`.
    """
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    installed = HERE / "node_modules" / ".installed"
    if not (installed.is_file() and installed.read_text() == lock):
        _run(node, npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        installed.write_text(lock)
    _run(node, npm, "run", "--silent", "types")


def _files() -> list[Path]:
    paths = [HERE / name for name in SOURCES]
    below = [file for path in paths if path.is_dir() for file in path.rglob("*") if file.is_file()]
    schema = HERE / "src" / "api" / "schema.ts"
    return sorted(file for file in [*below, *(path for path in paths if path.is_file())] if file != schema)


def _run(node: Path, npm: Path, *arguments: str) -> None:
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        [str(node), str(npm), *arguments],
        cwd=HERE,
        env=os.environ | {"PATH": path},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


if __name__ == "__main__":
    tools = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        if sys.argv[3:] == ["check"]:
            check(*tools)
        elif not is_built():
            build(*tools)
    except subprocess.CalledProcessError as error:
        sys.exit(f"npm {' '.join(error.cmd[2:])} failed:\n{error.output}")
