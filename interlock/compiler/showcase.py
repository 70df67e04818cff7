"""What a bundle brings for its listing: images by what they are, not by what they are called, and a changelog.

PNG, JPEG and WebP are taken. SVG is not: it is a document that can hold scripts.
"""

from collections.abc import Iterator

from interlock.compiler.archive import Bundle
from interlock.contract.core import limits
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import MANIFEST, Manifest

WHERE = f"{MANIFEST}#listing"


def image_kind(data: bytes) -> str:
    """The media type of an image by its first bytes; empty where it is none that is taken."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return ""


def check_showcase(bundle: Bundle, manifest: Manifest) -> Iterator[Finding]:
    """What is wrong with the files of a listing (code `manifest.listing`)."""
    listing = manifest.listing
    if listing.icon:
        yield from _check_image(bundle, listing.icon, limits.ICON_BYTES)
    for path in listing.screenshots:
        yield from _check_image(bundle, path, limits.SCREENSHOT_BYTES)
    if listing.changelog:
        text = bundle.files.get(listing.changelog)
        if text is None:
            yield _listing(f"{listing.changelog} does not exist", "Add the file, or remove its name.")
        elif len(text) > limits.CHANGELOG_BYTES:
            what = f"{listing.changelog} has {len(text)} bytes, and may have {limits.CHANGELOG_BYTES}"
            yield _listing(what, "Keep the newest versions in it.")
        elif not _is_text(text):
            yield _listing(f"{listing.changelog} is not UTF-8", "Save it as UTF-8.")


def _check_image(bundle: Bundle, path: str, most: int) -> Iterator[Finding]:
    data = bundle.files.get(path)
    if data is None:
        yield _listing(f"{path} does not exist", "Add the file, or remove its name.")
        return
    if not image_kind(data):
        yield _listing(
            f"{path} is not a PNG, JPEG or WebP image", "Save it in one of these formats; SVG is not permitted."
        )
    if len(data) > most:
        yield _listing(f"{path} has {len(data)} bytes, and may have {most}", "Make it smaller.")


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _listing(what: str, fix: str) -> Finding:
    return Finding(code="manifest.listing", where=WHERE, what=what, fix=fix)
