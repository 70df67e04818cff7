"""What a call of AWS raises when it fails."""

from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

ABSENT = ("NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "403", "AccessDenied")
"""What S3 answers for a key that is not there: 403 to who may not list the bucket, as none of our roles may.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax"""
AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError, HTTPError)
"""Whatever a call of AWS may raise: refused, not sent, or its answer lost or garbled on the way."""


THROTTLES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""What AWS refuses for its rate: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""


def passes(error: Exception) -> bool:
    """Whether an error of AWS is gone soon: a throttle, a failure of the service, or an answer that was lost."""
    if not isinstance(error, ClientError):
        return isinstance(error, AWS_ERRORS)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error.response.get("Error", {}).get("Code") in THROTTLES


def is_absent(error: ClientError) -> bool:
    """Whether S3 says that a key is not there, to a role that may read all keys like it and list none."""
    return error.response.get("Error", {}).get("Code") in ABSENT


def is_conditional(error: ClientError) -> bool:
    """Whether a condition failed, of a write or of one in a transaction.

    A transaction is also cancelled for throttling, for an item's size or for another transaction at the same moment:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
    """
    code = error.response.get("Error", {}).get("Code")
    return code == "ConditionalCheckFailedException" or "ConditionalCheckFailed" in _reasons(error)


def is_lost_race(error: ClientError) -> bool:
    """Whether another writer was first: a condition failed, or another transaction writes the item at this moment.

    Where one of a transaction's writes was refused for another reason, it may not be tried again at once.
    """
    reasons = _reasons(error)
    return is_conditional(error) or (bool(reasons) and reasons == {"TransactionConflict"})


def _reasons(error: ClientError) -> set[str]:
    """Why the writes of a cancelled transaction were refused; those that were not are left out."""
    rows = cast(list[dict[str, str]], cast(Any, error.response).get("CancellationReasons", ()))
    return {code for row in rows if (code := row.get("Code", "None")) != "None"}
