"""A small IAM evaluator over the statements of templates, with intrinsics resolved to the names they will have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, cast

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
}
ARN = "arn:aws:{}:us-east-1:123456789012:{}"
Template = dict[str, Any]


class World:
    """Every resource of some templates, so that a reference becomes the ARN that it will be."""

    pseudo = PSEUDO

    def __init__(self, *templates: Template) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.exports: dict[str, Any] = {}
        for template in templates:
            self.resources |= template["Resources"]
            for output in template.get("Outputs", {}).values():
                if "Export" in output:
                    self.exports[output["Export"]["Name"]] = output["Value"]

    def text(self, value: Any) -> str:
        """A string of a template with its intrinsics resolved."""
        if isinstance(value, str):
            return value
        ((name, argument),) = value.items()
        if name == "Ref":
            return self.pseudo.get(argument) or self._ref(argument)
        if name == "Fn::GetAtt":
            return self._arn(argument[0])
        if name == "Fn::Join":
            return argument[0].join(self.text(part) for part in argument[1])
        if name == "Fn::If":
            return self.text(argument[2])
        if name == "Fn::ImportValue":
            return self.text(self.exports[argument])
        if name == "Fn::Sub":
            return re.sub(r"\$\{([^}]+)\}", lambda result: self.text({"Ref": result[1]}), argument)
        raise AssertionError(f"an intrinsic that the evaluator does not know: {name}")

    def _ref(self, logical: str) -> str:
        resource = self.resources.get(logical)
        if resource is None:
            return f"PARAMETER-{logical}"
        if resource["Type"] in ("AWS::SecretsManager::Secret", "AWS::IAM::ManagedPolicy", "AWS::Lambda::LayerVersion"):
            return self._arn(logical)
        return self.name(logical)

    def name(self, logical: str) -> str:
        properties = self.resources[logical].get("Properties", {})
        keys = (
            "FunctionName",
            "ManagedPolicyName",
            "StateMachineName",
            "RoleName",
            "TableName",
            "QueueName",
            "BucketName",
            "LogGroupName",
        )
        named = next((properties[key] for key in keys if key in properties), logical)
        return self.text(named)

    def _arn(self, logical: str) -> str:
        name, kind = self.name(logical), self.resources[logical]["Type"]
        patterns = {
            "AWS::Lambda::Function": ARN.format("lambda", f"function:{name}"),
            "AWS::Lambda::LayerVersion": ARN.format("lambda", f"layer:{name}:1"),
            "AWS::IAM::Role": f"arn:aws:iam::123456789012:role/{name}",
            "AWS::IAM::ManagedPolicy": f"arn:aws:iam::123456789012:policy/{name}",
            "AWS::DynamoDB::Table": ARN.format("dynamodb", f"table/{name}"),
            "AWS::SQS::Queue": ARN.format("sqs", name),
            "AWS::S3::Bucket": f"arn:aws:s3:::{name}",
            "AWS::Logs::LogGroup": ARN.format("logs", f"log-group:{name}:*"),
            "AWS::SecretsManager::Secret": ARN.format("secretsmanager", f"secret:{name}"),
            "AWS::Cognito::UserPool": ARN.format("cognito-idp", f"userpool/{name}"),
            "AWS::KMS::Key": ARN.format("kms", f"key/{name}"),
            "AWS::StepFunctions::StateMachine": ARN.format("states", f"stateMachine:{name}"),
        }
        return patterns[kind]

    def role(self, logical: str) -> str:
        """The name of a role or boundary, less the region that it ends in."""
        return self.name(logical).removesuffix(f"-{PSEUDO['AWS::Region']}")

    def statements(self, role: str) -> list[dict[str, Any]]:
        """The statements of a role, by its name less the region."""
        result = next(
            r for key, r in self.resources.items() if r["Type"] == "AWS::IAM::Role" and self.role(key) == role
        )
        return [s for policy in result["Properties"].get("Policies", []) for s in policy["PolicyDocument"]["Statement"]]

    def boundary(self, policy: str) -> list[dict[str, Any]]:
        """The statements of a managed policy, by its name less the region."""
        result = next(
            r
            for key, r in self.resources.items()
            if r["Type"] == "AWS::IAM::ManagedPolicy" and self.role(key) == policy
        )
        return result["Properties"]["PolicyDocument"]["Statement"]

    def allows(self, statements: Iterable[dict[str, Any]], action: str, resource: str, **context: str) -> bool:
        """Whether statements allow an action: an explicit deny wins, conditions must hold in `context`."""
        verdict = False
        for statement in statements:
            if not self._matches(statement, action, resource, context):
                continue
            if statement["Effect"] == "Deny":
                return False
            verdict = True
        return verdict

    def _matches(self, statement: dict[str, Any], action: str, resource: str, context: dict[str, str]) -> bool:
        actions, resources = (_list(statement[word]) for word in ("Action", "Resource"))
        return (
            any(fnmatchcase(action.lower(), pattern.lower()) for pattern in actions)
            and any(fnmatchcase(resource, self.text(pattern)) for pattern in resources)
            and all(self._holds(test, context) for test in statement.get("Condition", {}).values())
        )

    def _holds(self, test: dict[str, Any], context: dict[str, str]) -> bool:
        return all(fnmatchcase(context.get(key, ""), self.text(value)) for key, value in test.items())


def _list(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]
