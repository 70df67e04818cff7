"""Objects of the artifact bucket, to files and from files, without ever holding one in memory."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_absent
from interlock.contract.deployment_export import ExportedArtifact

CHUNK = 1_048_576
DIGEST = "sha256"
"""The object's own metadata that says which bytes an import wrote."""


def keys_below(bucket: str, prefix: str) -> Iterator[str]:
    """Every key below a prefix, page by page."""
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (str(row["Key"]) for row in page.get("Contents", []))


def download(bucket: str, key: str, folder: Path) -> ExportedArtifact:
    """Write an object into a folder, under the sha256 of its bytes."""
    answer = client("s3").get_object(Bucket=bucket, Key=key)
    digest, size, draft = hashlib.sha256(), 0, folder / ".draft"
    with draft.open("wb") as file:
        for chunk in answer["Body"].iter_chunks(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    draft.replace(folder / digest.hexdigest())
    return ExportedArtifact(key=key, sha256=digest.hexdigest(), bytes=size, type=str(answer.get("ContentType", "")))


def upload(bucket: str, artifact: ExportedArtifact, folder: Path) -> bool:
    """Write an object from a folder; whether it was not there already, written by an import before."""
    try:
        head = client("s3").head_object(Bucket=bucket, Key=artifact.key)
    except ClientError as error:
        if not is_absent(error):
            raise
        head = {}
    if head.get("Metadata", {}).get(DIGEST) == artifact.sha256 and head.get("ContentLength") == artifact.bytes:
        return False
    with (folder / artifact.sha256).open("rb") as file:
        client("s3").put_object(
            Bucket=bucket,
            Key=artifact.key,
            Body=file,
            ContentType=artifact.type or "application/octet-stream",
            Metadata={DIGEST: artifact.sha256},
        )
    return True
