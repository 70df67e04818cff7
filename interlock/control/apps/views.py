"""The cards of a version's views, with their images: kept beside its bundle when it is published, and read."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from interlock.aws.services import artifacts
from interlock.compiler.showcase import image_kind
from interlock.compiler.views import images_of
from interlock.contract.core import names
from interlock.contract.registry import Version
from interlock.contract.view import StoredView, ViewSection

FOLDER = "views/"


def keep_views(bucket: str, prefix: str, views: Sequence[ViewSection], files: Mapping[str, bytes]) -> None:
    """Keep each card with the keys of its images, and each image by what it holds, below a version's prefix."""
    for view in views:
        data = files[view.card]
        images = {path: _image_key(files[path]) for path in sorted(images_of(data, view.card))}
        for path, key in images.items():
            artifacts.write(bucket, prefix + key, files[path], image_kind(files[path]))
        stored = StoredView(card=json.loads(data), images=images)
        artifacts.write_json(bucket, prefix + _card_key(view.id), stored.model_dump(mode="json"))


def stored_view(bucket: str, version: Version, view: str) -> StoredView:
    """The card of a view of a version; its images are URLs that hold for five minutes.

    Raises:
        NotFound: the artifact is not there.
    """
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    stored = StoredView.model_validate(artifacts.read_json(bucket, prefix + _card_key(view)))
    images = {path: artifacts.presign_read(bucket, prefix + key) for path, key in stored.images.items()}
    return stored.model_copy(update={"images": images})


def _card_key(view: str) -> str:
    return f"{FOLDER}{view}.json"


def _image_key(data: bytes) -> str:
    return f"{FOLDER}{hashlib.sha256(data).hexdigest()}"
