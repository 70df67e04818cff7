"""Folders that become Lambda code and layers: the platform's code, its dependencies, and the SDK for steps.

Dependencies come from uv.lock with their hashes, for the target's Python and processor; a folder is made once for each
lock and target (`build/`), so a second synth installs nothing.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from infra.target import DeployTarget

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build"
CODE = (
    "interlock/sdk",
    "interlock/contract",
    "interlock/bounds",
    "interlock/asl",
    "interlock/compiler",
    "interlock/debugger",
    "interlock/aws",
    "interlock/control",
    "functions",
)
SDK = ("interlock/contract", "interlock/sdk")
DIGEST_CHARS = 12
RUNTIME_HAS = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
"""What Lambda's Python runtime brings, in a version of its own; the engine's environment has it in ours."""


def platform_code(target: DeployTarget) -> Path:
    """The platform's own code, one folder for all its functions."""

    def fill(folder: Path) -> None:
        _copy(folder, CODE)
        _compile(folder, target)

    return _made(f"code-{target.name}-{_digest(CODE)}", fill)


def platform_layer(target: DeployTarget) -> Path:
    """The dependencies of the platform's functions, as a layer (`python/` inside).

    On AWS with boto3 as it is locked: the runtime's may be older than what we call (the gate invokes with `TenantId`).
    """
    return _installed("platform", target, ("--extra", "platform"), RUNTIME_HAS if target.name == "local" else ())


def sdk_layer(target: DeployTarget) -> Path:
    """The SDK with what it needs, as the layer of every step function."""
    needs = _installed("sdk", target, (), RUNTIME_HAS)

    def fill(folder: Path) -> None:
        # Linked, not copied: nothing writes to either.
        shutil.copytree(needs, folder, copy_function=_link, dirs_exist_ok=True)
        _copy(folder / "python", SDK)
        _compile(folder / "python" / "interlock", target)

    return _made(f"{needs.name}-{_digest(SDK)}", fill)


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def _made(name: str, fill: Callable[[Path], None]) -> Path:
    """A folder named by what is in it: made aside and moved, so that two synths at once do not meet in it."""
    folder = BUILD / name
    if folder.exists():
        return folder
    BUILD.mkdir(exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=BUILD))
    try:
        fill(aside)
        aside.chmod(0o755)
        aside.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _installed(name: str, target: DeployTarget, extras: tuple[str, ...], without: tuple[str, ...]) -> Path:
    lock = (ROOT / "uv.lock").read_bytes() + " ".join((*extras, *without)).encode() + Path(__file__).read_bytes()
    word = hashlib.sha256(lock).hexdigest()[:DIGEST_CHARS]

    def fill(folder: Path) -> None:
        _install(folder, target, extras, without)

    return _made(f"{name}-{target.name}-{target.architecture}-{target.python}-{word}", fill)


def _install(folder: Path, target: DeployTarget, extras: tuple[str, ...], without: tuple[str, ...]) -> None:
    requirements = folder / "requirements.txt"
    left_out = [word for package in without for word in ("--no-emit-package", package)]
    _uv(["export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", *left_out, *extras, "-o", str(requirements)])
    platform = ["--python-platform", target.wheel_platform] if target.wheel_platform else []
    where = ["--target", str(folder / "python"), "--python-version", target.python, *platform]
    how = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--no-deps"]
    _uv(["pip", "install", *how, *where, "-r", str(requirements)])
    requirements.unlink()
    _trim(folder / "python")
    _compile(folder / "python", target)


def _compile(folder: Path, target: DeployTarget) -> None:
    """Write bytecode, without which a cold start compiles every module anew (300 ms for the SDK, docs/performance.md).

    It takes an interpreter of the target's version; where there is none, the code goes without, and we say so.
    """
    own = f"{sys.version_info.major}.{sys.version_info.minor}" == target.python
    python = sys.executable if own else shutil.which(f"python{target.python}")
    how = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder)]
    done = (
        subprocess.run([python, *how, str(folder)], check=own, stderr=None if own else subprocess.DEVNULL)
        if python
        else None
    )
    if done is None or done.returncode:
        sys.stderr.write(
            f"{folder.name} has no bytecode, so each cold start compiles it anew: install Python {target.python}, "
            f"remove build/ and synthesise again.\n"
        )


def _trim(folder: Path) -> None:
    """Drop what no function reads: bytecode and console scripts, which also differ from machine to machine."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    (folder / ".lock").unlink(missing_ok=True)


def _sources(parts: tuple[str, ...]) -> list[Path]:
    """The files of some folders, and the package's own first file."""
    folders = [ROOT / part for part in parts]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return sorted([*files, ROOT / "interlock" / "__init__.py"])


def _digest(parts: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for path in _sources(parts):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:DIGEST_CHARS]


def _copy(folder: Path, parts: tuple[str, ...]) -> None:
    for path in _sources(parts):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _uv(arguments: list[str]) -> None:
    command = [shutil.which("uv") or "", *arguments] if shutil.which("uv") else [sys.executable, "-m", "uv", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)
