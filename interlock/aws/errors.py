"""What a call of AWS raises when it fails."""

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError, HTTPError)
"""Whatever a call of AWS may raise: refused, not sent, or its answer lost or garbled on the way."""
