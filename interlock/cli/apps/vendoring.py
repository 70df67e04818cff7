"""Dependencies of an app: locked with the hash of every wheel, and vendored by uv from the lock.

The lock is made from `requirements.txt` where there is none, and anew where it lacks a requirement: what it pins
already stays. A requirement that is a folder (`./helpers`) is built, and its own dependencies are locked like the rest.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from interlock.contract.core.failure import Failure
from interlock.contract.manifest import Target
from interlock.contract.own_code import LOCK, VENDOR

REQUIREMENTS = "requirements.txt"
PLATFORMS = {"arm64": "aarch64-manylinux_2_34", "x86_64": "x86_64-manylinux_2_34"}
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)
_LOCAL = re.compile(r"^(?:-e\s+|--editable[\s=]+)?(?P<path>\.{0,2}/\S*|\.{1,2})\s*(?:#.*)?$")
_INDEXES = ("--index-url", "--extra-index-url", "--find-links", "--no-index")
_LEFT_OUT = {".lock", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}
_INSTALL = ("pip", "install", "--quiet", "--no-deps", "--link-mode", "copy")


@dataclass
class LastVendored:
    """What was vendored last, for whoever packs one folder again and again: uv runs when its inputs have changed."""

    digest: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    def of(self, folder: Path, target: Target) -> Mapping[str, bytes]:
        """As `vendored`, or what it answered for the same requirements, lock, local requirements and target."""
        digest = _inputs(folder, target)
        if missing(folder) or digest != self.digest:
            with tempfile.TemporaryDirectory() as scratch:
                self.files = vendored(folder, target, Path(scratch))
            # Vendoring may have made the lock anew.
            self.digest = _inputs(folder, target)
        return self.files


def _inputs(folder: Path, target: Target) -> str:
    """A digest of what vendoring reads."""
    digest = hashlib.sha256(target.model_dump_json().encode())
    files = [folder / REQUIREMENTS, folder / LOCK]
    for source in local_requirements(folder):
        files += sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    for path in files:
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"\0{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def vendored(folder: Path, target: Target, scratch: Path) -> dict[str, bytes]:
    """The files of an app's dependencies for a target, by their paths in the bundle.

    Args:
        folder: the app's.
        target: the Python that the platform runs.
        scratch: an empty folder.

    Raises:
        Failure: uv is absent (`no-uv`), or could not do it (`vendor`).
    """
    if missing(folder):
        lock(folder, target)
    locked, site = folder / LOCK, scratch / "site"
    if locked.is_file() and _PINNED.search(locked.read_text()):
        options = [*_INSTALL, "--require-hashes", "--only-binary", ":all:"]
        options += ["--python-version", target.python, "--python-platform", PLATFORMS[target.architecture]]
        _uv([*options, *_indexes(folder), "--target", str(site), "-r", str(locked)], folder)
    for number, source in enumerate(local_requirements(folder)):
        wheels = scratch / f"wheel{number}"
        _uv(["build", "--quiet", "--wheel", "--out-dir", str(wheels), str(source)], folder)
        _uv([*_INSTALL, "--target", str(site), *map(str, wheels.glob("*.whl"))], folder)
    for gone in [site / "bin", *site.rglob("__pycache__")]:
        shutil.rmtree(gone, ignore_errors=True)
    files = [path for path in sorted(site.rglob("*")) if path.is_file() and path.name not in _LEFT_OUT]
    return {VENDOR + path.relative_to(site).as_posix(): path.read_bytes() for path in files}


def lock(folder: Path, target: Target) -> Path | None:
    """Make `requirements.lock` from `requirements.txt`, with hashes; None where there is no requirements.txt.

    What is locked already stays as it is, where the requirements allow it.

    Raises:
        Failure: as in `vendored`.
    """
    wanted = folder / REQUIREMENTS
    if not wanted.is_file():
        return None
    locked = folder / LOCK
    options = ["pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--universal"]
    _uv([*options, "--python-version", target.python, str(wanted), "-o", str(locked)], folder)
    locked.write_text("".join(_without_folders(locked.read_text())))
    return locked


def missing(folder: Path) -> tuple[str, ...]:
    """The requirements that the lock does not meet, as they are written; all of them where there is no lock."""
    locked = folder / LOCK
    pins = {canonicalize_name(row["name"]): row["version"] for row in _PINNED.finditer(_text(locked))}
    lines = [line for line in _lines(folder) if not _LOCAL.match(line)]
    if local_requirements(folder) and not locked.is_file():
        return tuple(_lines(folder))
    return tuple(line for line in lines if not _is_met(line, pins))


def local_requirements(folder: Path) -> tuple[Path, ...]:
    """The folders that `requirements.txt` names as requirements."""
    matches = (_LOCAL.match(line) for line in _lines(folder))
    return tuple((folder / match["path"]).resolve() for match in matches if match)


def _is_met(line: str, pins: Mapping[NormalizedName, str]) -> bool:
    try:
        wanted = Requirement(line)
    except InvalidRequirement:
        # An option of pip, or an address: uv says what is wrong with it.
        return True
    if wanted.marker is not None and not wanted.marker.evaluate():
        return True
    pinned = pins.get(canonicalize_name(wanted.name))
    return pinned is not None and wanted.specifier.contains(Version(pinned), prereleases=True)


def _lines(folder: Path) -> Iterator[str]:
    """The requirements as they are written, less comments and options."""
    for line in _text(folder / REQUIREMENTS).splitlines():
        plain = re.sub(r"(^|\s)#.*", "", line).strip()
        if plain and (not plain.startswith("-") or _LOCAL.match(plain)):
            yield plain


def _indexes(folder: Path) -> list[str]:
    """Where `requirements.txt` says that wheels are; a lock has none of it, because such an address may hold a key."""
    lines = (line.split("#")[0].strip() for line in _text(folder / REQUIREMENTS).splitlines())
    options = (re.split(r"[\s=]+", line, maxsplit=1) for line in lines if line.startswith(_INDEXES))
    return [word for option in options for word in option]


def _without_folders(text: str) -> Iterator[str]:
    """The lines of a lock less the requirements that are folders: they have no hash, and are built at each packing."""
    of_folder = False
    for line in text.splitlines(keepends=True):
        if not line.startswith((" ", "\t", "#")):
            of_folder = bool(_LOCAL.match(line.strip())) or "@ file:" in line
        if not of_folder:
            yield line


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""


def _uv(arguments: list[str], where: Path) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        what = "vendoring dependencies needs uv"
        raise Failure(what, where="PATH", code="no-uv", next_step="pip install uv")
    command = [uv, *arguments]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode:
        text = done.stderr.strip().replace("error: ", "")[-800:]
        raise Failure(
            f"uv could not vendor the dependencies: {text}",
            where=str(where / LOCK),
            code="vendor",
            next_step="Correct requirements.txt, delete requirements.lock, and pack again.",
        )
