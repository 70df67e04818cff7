"""The bucket of uploads and of what is made of them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_absent
from interlock.contract.core import limits
from interlock.contract.core.failure import NotFound
from interlock.contract.registry import UploadForm

UPLOAD_SECONDS = 900
DOWNLOAD_SECONDS = 300


def presign(bucket: str, key: str) -> UploadForm:
    """A form that takes one object at exactly this key, of a bundle's size and type, for 15 minutes."""
    kind = "application/zip"
    answer: dict[str, Any] = client("s3").generate_presigned_post(
        bucket,
        key,
        Fields={"Content-Type": kind},
        Conditions=[{"Content-Type": kind}, ["content-length-range", 1, limits.BUNDLE_BYTES]],
        ExpiresIn=UPLOAD_SECONDS,
    )
    return UploadForm(url=answer["url"], fields=answer["fields"])


def presign_read(bucket: str, key: str) -> str:
    """A URL that reads one object, for 5 minutes; it is not asked whether the object is there."""
    fields = {"Bucket": bucket, "Key": key}
    return str(client("s3").generate_presigned_url("get_object", Params=fields, ExpiresIn=DOWNLOAD_SECONDS))


class Download(NamedTuple):
    """A file that was written to be fetched by a person."""

    name: str
    url: str
    until: datetime


def write_download(bucket: str, key: str, data: bytes, name: str) -> Download:
    """Write a file, and presign a URL that a browser saves it from under a name; it answers for 5 minutes."""
    client("s3").put_object(Bucket=bucket, Key=key, Body=data, ContentType="application/zip")
    until = datetime.now(UTC) + timedelta(seconds=DOWNLOAD_SECONDS)
    fields = {"Bucket": bucket, "Key": key, "ResponseContentDisposition": f'attachment; filename="{name}"'}
    url = client("s3").generate_presigned_url("get_object", Params=fields, ExpiresIn=DOWNLOAD_SECONDS)
    return Download(name, str(url), until)


def newest_version(bucket: str, key: str) -> str:
    """The VersionId of the object that is at a key now."""
    return str(client("s3").head_object(Bucket=bucket, Key=key).get("VersionId", ""))


def read(bucket: str, key: str, version: str) -> bytes:
    """The bytes of one version of an object, as far as a bundle may be large.

    Raises:
        NotFound: no such object or version.
    """
    try:
        answer = client("s3").get_object(Bucket=bucket, Key=key, VersionId=version)
    except ClientError as error:
        if not is_absent(error):
            raise
        raise NotFound(
            "the upload does not exist", where=key, next_step="Publish again: interlock app publish"
        ) from error
    return bytes(answer["Body"].read(limits.BUNDLE_BYTES + 1))


def read_json(bucket: str, key: str) -> Any:
    """The JSON that is at a key now.

    Raises:
        NotFound: nothing is there.
    """
    try:
        return json.loads(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if not is_absent(error):
            raise
        raise NotFound(
            "an artifact of the version does not exist", where=key, next_step="Publish the version again."
        ) from error


def read_optional(bucket: str, key: str, most: int) -> bytes:
    """What is at a key now, at most so many bytes; empty where nothing is."""
    try:
        return bytes(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read(most))
    except ClientError as error:
        if is_absent(error):
            return b""
        raise


def write(bucket: str, key: str, data: bytes, kind: str) -> str:
    """Write an object; its VersionId."""
    answer = client("s3").put_object(Bucket=bucket, Key=key, Body=data, ContentType=kind)
    return str(answer.get("VersionId", ""))


def write_json(bucket: str, key: str, value: Any) -> str:
    """Write a JSON object; its VersionId."""
    return write(bucket, key, json.dumps(value, sort_keys=True).encode(), "application/json")
