"""What a call of AWS raises when it fails."""

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

AWS_ERRORS = (ClientError, BotoCoreError, HTTPError)
"""Whatever a call of AWS may raise: refused, not sent, or its answer lost on the way."""
