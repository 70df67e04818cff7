"""Objects of a bucket below a prefix: listed and deleted a page at a time, as they are now or with every version."""

from typing import Literal, NamedTuple

from interlock.aws.clients import client
from interlock.contract.core.failure import Unavailable

PAGE = 1_000
"""What S3 lists and deletes in one call (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html)."""


def list_page(bucket: str, prefix: str) -> list[str]:
    """The first keys below a prefix, at most PAGE."""
    answer = client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=PAGE)
    return [str(row["Key"]) for row in answer.get("Contents", [])]


def total_size(bucket: str, prefix: str) -> int:
    """The bytes of all objects below a prefix; a call for each PAGE of them."""
    total = 0
    fields: dict[str, str] = {}
    while True:
        answer = client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=PAGE, **fields)
        total += sum(int(row["Size"]) for row in answer.get("Contents", []))
        if not answer.get("IsTruncated"):
            return total
        fields = {"ContinuationToken": answer["NextContinuationToken"]}


def delete_page(bucket: str, keys: list[str]) -> None:
    """Delete so many keys in one call; absent ones too.

    Raises:
        Unavailable: S3 kept one of them.
    """
    if not keys:
        return
    _delete(bucket, [{"Key": key} for key in keys])


class ObjectVersion(NamedTuple):
    """A version of an object: the last one, one before it, or S3's mark that the object was deleted."""

    key: str
    version: str
    kind: Literal["object", "version", "marker"]


class VersionBatch(NamedTuple):
    """Versions by key. Each key has all of its versions in it, unless it is `whole` no more: a part of those of one."""

    rows: list[ObjectVersion]
    whole: bool


def version_batch(bucket: str, prefix: str) -> VersionBatch:
    """The versions of the first keys below a prefix, at most PAGE; empty where nothing is left."""
    answer = client("s3").list_object_versions(Bucket=bucket, Prefix=prefix, MaxKeys=PAGE)
    rows = [
        ObjectVersion(str(row["Key"]), str(row["VersionId"]), "object" if row["IsLatest"] else "version")
        for row in answer.get("Versions", [])
    ]
    rows += [ObjectVersion(str(row["Key"]), str(row["VersionId"]), "marker") for row in answer.get("DeleteMarkers", [])]
    rows.sort(key=lambda row: row.key)
    if not answer.get("IsTruncated") or not rows:
        return VersionBatch(rows, whole=True)
    # The last key may have more versions on the next page.
    complete = [row for row in rows if row.key != rows[-1].key]
    return VersionBatch(complete or rows, whole=bool(complete))


def delete_versions(bucket: str, rows: list[ObjectVersion]) -> None:
    """Delete versions for good, in one call; absent ones too.

    Raises:
        Unavailable: S3 kept one of them.
    """
    _delete(bucket, [{"Key": row.key, "VersionId": row.version} for row in rows])


def _delete(bucket: str, wanted: list[dict[str, str]]) -> None:
    answer = client("s3").delete_objects(Bucket=bucket, Delete={"Objects": wanted, "Quiet": True})
    if answer.get("Errors"):
        where = wanted[0]["Key"]
        raise Unavailable(f"S3 did not delete {len(answer['Errors'])} objects", where=where, next_step="Try again.")
