"""Objects of the data bucket below a prefix: counted and deleted a page at a time."""

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
    wanted = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
    answer = client("s3").delete_objects(Bucket=bucket, Delete=wanted)
    if answer.get("Errors"):
        raise Unavailable(f"S3 did not delete {len(answer['Errors'])} objects", where=keys[0], next_step="Try again.")
