"""The layers: each in the stack whose functions use it.

A layer is replaced with each change of its content. Were it another stack's, the export of its ARN could not change
while it is imported, and CloudFormation would refuse the deploy:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import packaging
from infra.foundation import RETAINED
from infra.target import DeployTarget


def platform_layer(scope: Construct, target: DeployTarget) -> lambda_.LayerVersion:
    """The dependencies of the platform's functions."""
    return _layer(scope, "PlatformLayer", packaging.platform_layer(target))


def sdk_layer(scope: Construct, target: DeployTarget) -> lambda_.LayerVersion:
    """The SDK, for the steps of versions. The one before stays for the versions that were published with it."""
    return _layer(scope, "SdkLayer", packaging.sdk_layer(target))


def _layer(scope: Construct, name: str, folder: Path) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(scope, name, code=lambda_.Code.from_asset(str(folder)), removal_policy=RETAINED)
