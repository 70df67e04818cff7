"""Put the console's page, and the documentation beside it, where the distribution reads them."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path

from interlock.aws.services.page_files import forget, put_file
from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest
from interlock.contract.core.names import API_SCOPE
from interlock.contract.page import PageConfig

INDEX, CONFIG = "index.html", "config.json"
SITE = "docs"
FOREVER = "public, max-age=31536000, immutable"
"""Files that are named by their content."""
FRESH = "no-cache"


@dataclass(frozen=True)
class PagePlace:
    """What the outputs of the console's stack say."""

    bucket: str
    distribution: str
    client: str
    sign_in: str
    url: str


class PagePublished(Document):
    """What was put there."""

    url: str
    files: int
    bytes: int


def publish_page(place: PagePlace, page: Path, site: Path | None = None) -> PagePublished:
    """Upload the page, and the documentation's site if there is one.

    Files that are named by their content come first and the index last, so that a browser never gets an index whose
    files are not there. Older files stay: a page that is open loads from them.

    Raises:
        BadRequest: a folder holds no index.
    """
    for folder in (page, *([site] if site else [])):
        if not (folder / INDEX).is_file():
            what = f"{folder} holds no {INDEX}"
            raise BadRequest(what, where=str(folder), next_step="Build it: interlock console, or scripts/site")
    files = [(path.relative_to(page).as_posix(), path) for path in _files(page) if path.name != "stamp"]
    files += [(f"{SITE}/{path.relative_to(site).as_posix()}", path) for path in _files(site)] if site else []
    size = 0
    for key, path in sorted(files, key=lambda pair: pair[0] == INDEX):
        content = path.read_bytes()
        size += len(content)
        if key == INDEX:
            put_file(place.bucket, CONFIG, _config(place), kind="application/json", cache=FRESH)
        cache = FOREVER if key.startswith("assets/") else FRESH
        put_file(place.bucket, key, content, kind=_kind(path), cache=cache)
    forget(place.distribution, [f"/{INDEX}", "/", f"/{CONFIG}", f"/{SITE}/*"])
    return PagePublished(url=place.url, files=len(files) + 1, bytes=size)


def _config(place: PagePlace) -> bytes:
    config = PageConfig(
        deployment="aws",
        authorize_url=f"{place.sign_in}/oauth2/authorize",
        token_url=f"{place.sign_in}/oauth2/token",
        logout_url=f"{place.sign_in}/logout",
        client_id=place.client,
        scope=f"openid {API_SCOPE}",
    )
    return config.model_dump_json().encode()


def _kind(path: Path) -> str:
    return {".js": "text/javascript", ".mjs": "text/javascript"}.get(
        path.suffix, mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
