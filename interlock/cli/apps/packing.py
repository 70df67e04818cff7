"""Packs an app's folder into a bundle: the same folder and lock give the same bytes.

Dependencies are vendored by uv from `requirements.lock`, which has the hash of every wheel: one changed byte of a wheel
fails. The lock is made from `requirements.txt` where there is none.
"""

import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from interlock.cli.terminal import render
from interlock.compiler.plan import TARGET_FILE
from interlock.contract.core.base import Model
from interlock.contract.core.failure import Failure, NotFound
from interlock.contract.manifest import MANIFEST, Target
from interlock.contract.own_code import LOCK, VENDOR

EPOCH = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644 << 16
_METADATA = re.compile(rf"^{VENDOR}(?P<name>[^/]+)-(?P<version>[^-/]+)\.dist-info/METADATA$")
LEFT_OUT = {"__pycache__", "node_modules", "dist", "build", "vendor", "tests"}
PLATFORMS = {"arm64": "aarch64-manylinux_2_34", "x86_64": "x86_64-manylinux_2_34"}


FIXED = ("annotated-types", "pydantic", "pydantic-core", "typing-extensions", "typing-inspection")
"""What the SDK imports before the app's code: of these the platform's version runs, whatever the bundle pins."""


class Packed(Model):
    """A bundle in memory."""

    data: bytes
    files: int
    vendored: int
    outranked: tuple[str, ...] = ()
    """Pinned dependencies, `NAME VERSION`, in whose place the platform's version runs."""


def pack(folder: Path, target: Target) -> Packed:
    """The bundle of an app's folder for a target.

    Raises:
        NotFound: the folder holds no interlock.toml.
        Failure: a dependency could not be vendored.
    """
    folder = folder.resolve()
    if not (folder / MANIFEST).is_file():
        raise NotFound(f"the folder {folder} has no {MANIFEST}", where=str(folder), next_step="interlock app init NAME")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(_own_files(folder))}
    own = len(files)
    files[TARGET_FILE] = json.dumps(target.model_dump(), sort_keys=True).encode()
    with tempfile.TemporaryDirectory() as scratch:
        files |= _vendored(folder, target, Path(scratch))
    if (folder / LOCK).is_file():
        files[LOCK] = (folder / LOCK).read_bytes()
    outranked = tuple(_outranked(files))
    return Packed(data=zip_files(files), files=own, vendored=len(files) - own - 1, outranked=outranked)


def note_outranked(packed: Packed) -> None:
    """Print, beside what a command answers, which pins of the bundle can't win."""
    for dependency in packed.outranked:
        what = f"The bundle pins {dependency}, and it can't win: the platform's SDK imports its own version first."
        render.note(f"{what} Pin the version that the platform has, or leave it out.", "yellow")


def _outranked(files: Iterable[str]) -> Iterator[str]:
    """Dependencies of another version than the one that the SDK brings."""
    for path in files:
        match = _METADATA.match(path)
        name = match["name"].replace("_", "-").lower() if match else ""
        if match and name in FIXED and match["version"] != version(name):
            yield f"{name} {match['version']}"


def _own_files(folder: Path) -> list[Path]:
    named = _named_files(folder)
    files: list[Path] = []
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") or part in LEFT_OUT for part in inside.parts)
        if (
            path.is_file()
            and not path.is_symlink()
            and (inside.as_posix() in named or not hidden)
            and path.suffix != ".pyc"
        ):
            files.append(path)
    return files


def _named_files(folder: Path) -> set[str]:
    """Files that the manifest names, which are packed wherever they are."""
    try:
        manifest = tomllib.loads((folder / MANIFEST).read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return set()
    tests: list[dict[str, str]] = manifest.get("tests", [])
    listing: dict[str, str] = manifest.get("listing", {})
    shown = {listing.get(word, "") for word in ("icon", "changelog")}
    shown.update(listing.get("screenshots", ()))
    return shown | {test.get(word, "") for test in tests for word in ("input", "expect", "config")}


def lock(folder: Path, target: Target) -> Path | None:
    """Make `requirements.lock` from `requirements.txt`, with hashes; None where there is no requirements.txt."""
    wanted = folder / "requirements.txt"
    if not wanted.is_file():
        return None
    locked = folder / LOCK
    options = ["pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--universal"]
    _uv([*options, "--python-version", target.python, str(wanted), "-o", str(locked)], folder)
    return locked


def _vendored(folder: Path, target: Target, scratch: Path) -> dict[str, bytes]:
    locked = folder / LOCK
    if not locked.is_file() and lock(folder, target) is None:
        return {}
    options = [
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--link-mode",
        "copy",
    ]
    options += ["--python-version", target.python, "--python-platform", PLATFORMS[target.architecture]]
    _uv([*options, "--target", str(scratch / "site"), "-r", str(locked)], folder)
    site = scratch / "site"
    for gone in [site / "bin", *site.rglob("__pycache__")]:
        shutil.rmtree(gone, ignore_errors=True)
    left_out = {".lock", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}
    files = [path for path in sorted(site.rglob("*")) if path.is_file() and path.name not in left_out]
    return {VENDOR + path.relative_to(site).as_posix(): path.read_bytes() for path in files}


def zip_files(files: dict[str, bytes]) -> bytes:
    """A bundle's zip of these files, as the platform itself would write it (compiler.canonical_zip)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = FILE_MODE
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            archive.writestr(info, files[name])
    return buffer.getvalue()


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
