"""What a call of AWS raises when it fails."""

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

ABSENT = ("NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "403", "AccessDenied")
"""What S3 answers for a key that is not there: 403 to who may not list the bucket, as none of our roles may.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax"""
AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError, HTTPError)
"""Whatever a call of AWS may raise: refused, not sent, or its answer lost or garbled on the way."""


def is_absent(error: ClientError) -> bool:
    """Whether S3 says that a key is not there, to a role that may read all keys like it and list none."""
    return error.response.get("Error", {}).get("Code") in ABSENT
