"""The files of the console's page in their bucket, and what CloudFront keeps of them."""

from interlock.aws.clients import client
from interlock.contract.core.names import ulid


def put_file(bucket: str, key: str, content: bytes, *, kind: str, cache: str) -> None:
    """Write a file with its media type, and for how long it may be kept."""
    client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType=kind, CacheControl=cache)


def forget(distribution: str, paths: list[str]) -> None:
    """Let CloudFront ask for these paths again."""
    client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": ulid()},
    )
