"""AWS credentials on the command line: for the few commands that an operator runs before anybody can sign in."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from interlock.contract.core.failure import Forbidden, NotSignedIn, Unavailable

if TYPE_CHECKING:
    from interlock.cli.terminal.outputs import Outputs

SIGN_IN = "Sign in to AWS, such as with `aws sso login`, and set AWS_PROFILE."


@contextmanager
def talking_to_aws(outputs: Outputs) -> Generator[str]:
    """Let `interlock.aws` talk to a deployment's account and Region; the ARN of whoever the credentials are.

    Raises:
        NotSignedIn: there are no AWS credentials.
        Forbidden: they are of another account, or may not do what was tried.
        Unavailable: AWS can't be reached, or failed.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    from interlock.aws.services.credentials import caller_identity, use_region

    use_region(outputs.region)
    try:
        account, arn = caller_identity()
        if account != outputs.account:
            raise Forbidden(
                f"the AWS credentials are of account {account}, and the deployment is in {outputs.account}",
                where="AWS credentials",
                code="aws-account",
                next_step="Use credentials of the deployment's account: set AWS_PROFILE.",
            )
        yield arn
    except NoCredentialsError as error:
        raise NotSignedIn("there are no AWS credentials", where="AWS", next_step=SIGN_IN) from error
    except ClientError as error:
        row = error.response.get("Error", {})
        what = f"AWS refused {error.operation_name}: {row.get('Message') or row.get('Code')}"
        if row.get("Code") in (
            "ExpiredToken",
            "ExpiredTokenException",
            "UnrecognizedClientException",
            "InvalidClientTokenId",
        ):
            raise NotSignedIn(what, where="AWS credentials", next_step=SIGN_IN) from error
        step = "Ask for the permissions of an operator's first day (docs/aws.md)."
        raise Forbidden(what, where="AWS credentials", code="aws-refused", next_step=step) from error
    except BotoCoreError as error:
        raise Unavailable(f"AWS can't be reached: {error}", where="AWS", next_step="Try again.") from error
