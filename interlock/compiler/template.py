"""The CloudFormation template of a version: functions, state machines, log groups, one role. Deterministic.

All that differs between `cdk deploy` and self-serve (where the code and the definitions are, which gate) is a
parameter, so that Resources are the same bytes either way.
"""

import json
from typing import Any

from troposphere import (
    Equals,
    GetAtt,
    If,
    Not,
    NoValue,
    Parameter,
    Ref,
    Split,
    Sub,
    Template,
    awslambda,
    iam,
    logs,
    stepfunctions,
)

from interlock.compiler.version_plan import FunctionPlan, MachinePlan, VersionPlan
from interlock.contract.core import limits, names

LOG_DAYS = 30
HANDLER = "interlock.sdk.runtime.handler"
PARAMETERS = {
    "CodeBucket": "The bucket of the bundle",
    "CodeKey": "The key of the bundle",
    "CodeVersion": "The VersionId of the bundle",
    "DefinitionBucket": "The bucket of the compiled definitions",
    "Gate": "The ARN of the gate",
    "Pause": "The ARN of the function that keeps a pause",
    "MachineRole": "The ARN of the role of every state machine",
    "StepBoundary": "The ARN of the permission boundary of every step role",
    "SdkLayer": "The ARN of the layer that holds the SDK",
    "Runtime": "The Lambda runtime, such as python3.13",
    "Architecture": "arm64 or x86_64",
    "Subnets": "The subnets of steps, joined by commas; empty where the deployment has no network of its own",
    "SecurityGroup": "The security group of steps; empty where Subnets is",
}
INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda needs to attach a function to subnets:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions"""


def version_template(plan: VersionPlan) -> str:
    """The template's JSON."""
    template = Template(Description=f"Interlock app {plan.manifest.app.id} {plan.manifest.app.version}")
    for name, description in PARAMETERS.items():
        template.add_parameter(Parameter(name, Type="String", Description=description))
    for machine in plan.machines:
        what = f"of {machine.workflow}.asl.json"
        template.add_parameter(Parameter(key_parameter(machine), Type="String", Description=f"The key {what}"))
        template.add_parameter(
            Parameter(version_parameter(machine), Type="String", Description=f"The VersionId {what}")
        )
    for name in ("CodeVersion", *(version_parameter(machine) for machine in plan.machines)):
        template.add_condition(f"Has{name}", Not(Equals(Ref(name), "")))
    template.add_condition("HasSubnets", Not(Equals(Ref("Subnets"), "")))
    template.add_resource(_role(plan))
    for function in plan.functions:
        _add_function(template, function, plan)
    for machine in plan.machines:
        template.add_resource(_machine(machine))
    return json.dumps(template.to_dict(), indent=1, sort_keys=True)


def key_parameter(machine: MachinePlan) -> str:
    """The parameter that holds the key of a machine's definition."""
    return f"{machine.logical}Key"


def version_parameter(machine: MachinePlan) -> str:
    """The parameter that holds the VersionId of a machine's definition."""
    return f"{machine.logical}Version"


def resources(template: str) -> str:
    """The Resources of a template as canonical JSON: what must be equal on every path."""
    return json.dumps(json.loads(template)["Resources"], sort_keys=True, separators=(",", ":"))


def _role(plan: VersionPlan) -> iam.Role:
    groups = [
        Sub(
            f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:/aws/lambda/{function.name}:*"
        )
        for function in plan.functions
    ]
    writes = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": groups}
    document = {"Version": "2012-10-17", "Statement": [writes]}
    # An app may have no step of its own, and IAM takes no policy without a statement.
    policies = [iam.Policy(PolicyName="logs", PolicyDocument=document), _attachment(plan)] if groups else []
    return iam.Role(
        "StepRole",
        AssumeRolePolicyDocument={
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        },
        PermissionsBoundary=Ref("StepBoundary"),
        Policies=policies,
    )


def _attachment(plan: VersionPlan) -> If:
    """Lambda may attach the functions, and their own code may not.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice-security
    """
    where = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    arns = [Sub(f"{where}{function.name}") for function in plan.functions]
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": list(INTERFACES), "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": list(INTERFACES),
            "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arns}},
        },
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    return If("HasSubnets", iam.Policy(PolicyName="network", PolicyDocument=document), NoValue)


def _add_function(template: Template, plan: FunctionPlan, version: VersionPlan) -> None:
    group = template.add_resource(
        logs.LogGroup(f"{plan.logical}Log", LogGroupName=f"/aws/lambda/{plan.name}", RetentionInDays=LOG_DAYS)
    )
    template.add_resource(
        awslambda.Function(
            plan.logical,
            FunctionName=plan.name,
            Description=f"{version.manifest.app.id} {version.manifest.app.version}, bundle {version.digest[:12]}",
            Runtime=Ref("Runtime"),
            Architectures=[Ref("Architecture")],
            Handler=HANDLER,
            Code=awslambda.Code(
                S3Bucket=Ref("CodeBucket"), S3Key=Ref("CodeKey"), S3ObjectVersion=_version("CodeVersion")
            ),
            Layers=[Ref("SdkLayer")],
            MemorySize=plan.memory_mb,
            Timeout=min(plan.timeout_s, limits.LAMBDA_TIMEOUT_SECONDS),
            Role=GetAtt("StepRole", "Arn"),
            VpcConfig=If(
                "HasSubnets",
                awslambda.VPCConfig(SubnetIds=Split(",", Ref("Subnets")), SecurityGroupIds=[Ref("SecurityGroup")]),
                NoValue,
            ),
            TenancyConfig=awslambda.TenancyConfig(TenantIsolationMode="PER_TENANT"),
            DependsOn=[group.title],
        )
    )


def _version(parameter: str) -> If:
    """A VersionId, or none where it is empty: the keys of a first-party app's assets are digests already."""
    return If(f"Has{parameter}", Ref(parameter), NoValue)


def _machine(plan: MachinePlan) -> stepfunctions.StateMachine:
    return stepfunctions.StateMachine(
        plan.logical,
        StateMachineName=plan.name,
        StateMachineType="STANDARD",
        RoleArn=Ref("MachineRole"),
        DefinitionS3Location=stepfunctions.S3Location(
            Bucket=Ref("DefinitionBucket"),
            Key=Ref(key_parameter(plan)),
            Version=_version(version_parameter(plan)),
        ),
        DefinitionSubstitutions={"Gate": Ref("Gate"), "Pause": Ref("Pause"), "Partition": Ref("AWS::Partition")},
    )


def stack_parameters(
    plan: VersionPlan, values: dict[str, str], definitions: dict[str, tuple[str, str]]
) -> dict[str, str]:
    """The stack's parameters: `values` for PARAMETERS, and key and VersionId of each workflow's definition."""
    parameters: dict[str, str] = {}
    for machine in plan.machines:
        parameters[key_parameter(machine)], parameters[version_parameter(machine)] = definitions[machine.workflow]
    return values | parameters


def stack_name(plan: VersionPlan) -> str:
    """The stack of the version."""
    return names.version_stack(plan.manifest.app.id, plan.manifest.app.version)
