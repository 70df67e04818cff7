"""What cdk-nag (AwsSolutions) finds and we keep, each finding by resource path with its reason.

A finding that is not here fails the synth for AWS; an entry whose resource is gone fails it too.
"""

from aws_cdk import Acknowledgment, App, Validations
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

from infra.backups import DYNAMODB_POLICY, S3_POLICY

PACK = "AwsSolutions"
NAMED = "Made while the platform runs (by publishing or onboarding), so its id is unknown; bounded by our own prefix: "
ALL = (
    "X-Ray's writes, the delivery of machines' logs, DescribeLogGroups and CreateEventSourceMapping take no resource; "
    "the last is bound by condition"
)
VALIDATION = "X-Ray's writes and ValidateStateMachineDefinition take no resource: it reads the text that it is given"
STACKS = NAMED + "stacks of versions and tenants"
CATALOGS = NAMED + "one catalog table a tenant; the caller's tenant is checked against AWS's word before every call"
BUSES = NAMED + "one event bus a tenant"
RULES = NAMED + "rules of installs"
ACCESS = NAMED + "one access role a tenant, which trusts the gate only"
ROUTES = "The runtime API's routes, in whichever stage: the session of a step names those that its scopes allow"
STEP_ROLES = NAMED + "roles of steps, which must carry the step boundary"
MAPPINGS = "A mapping's id is its UUID, given by AWS; creating one is bound to one function by a condition"
FUNCTIONS = NAMED + "functions of versions"
LOGS = NAMED + "log groups of versions' functions"
SCHEDULES = NAMED + "schedules of installs, all in our own group"
SECRETS = NAMED + "secrets of installs"
ALERTS = NAMED + "the signing secrets of tenants' alerts"
WEBHOOK_SECRETS = NAMED + "the signing secrets of tenants' webhooks"
HOOK_RULES = NAMED + "rules of webhooks"
EXECUTIONS = NAMED + "executions of versions' machines"
MACHINES = NAMED + "state machines of versions"
OBJECTS = "Objects below one prefix of our own bucket: their names hold ids"
PYTHON = (
    "Python 3.13 on purpose: bundles are vendored for it (DeployTarget), so it changes with a release of the platform"
)
MFA = "Clients are machines too; people are asked for a second factor where their organisation turns it on"
PLUS = "Threat protection costs by user and looks at passwords, which our clients do not have"
LETTERS = "It is a dead-letter queue itself: of a stream's mapping and of rules, which cdk-nag does not look at"
HISTORY = "What fails is logged; every event would be a second history beside the one that Step Functions keeps 90 days"
ROTATION = (
    "Tickets live for minutes, and all readers would have to change at once; it is replaced by deploying Foundation"
)
ALARMS = "A list of alarms is granted on all of them, also where it asks for names that begin with ours"
EVERYWHERE = "People sign in from wherever they work; who may call is decided by the API, not by a country"
NO_WAF = "The API has its own limits by caller and by scope; a web ACL costs by month, and is the operator's to attach"
API_LOGS = "Each call of the API is in its own access log; the page's files hold nothing of a tenant"
OWN_NAME = "CloudFront's own name fixes its policy; with -c interlock:console_domain it is TLS 1.2 of 2021"
POLICY = "arn:<AWS::Partition>:iam::aws:policy"
BACKUP = (
    "AWS keeps what AWS Backup needs of each service; it copies what the plan names, and restores with another role"
)
EXPORTS = {"Data": "Data666C94C7Arn0D7E21B7", "Artifacts": "Artifacts82DD59A1Arn3B515032"}


def _arn(service: str, resource: str) -> str:
    region = "" if service == "iam" else "<AWS::Region>"
    return f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{service}:{region}:<AWS::AccountId>:{resource}]"


def _objects(bucket: str, keys: str) -> str:
    return f"AwsSolutions-IAM5[Resource::interlock-foundation:ExportsOutputFnGetAtt{EXPORTS[bucket]}/{keys}]"


LIFE = {
    "AwsSolutions-IAM5[Resource::*]": ALL,
    _arn("events", "rule/interlock-*"): RULES,
    _arn("scheduler", "schedule/interlock/*"): SCHEDULES,
    _arn("secretsmanager", "secret:interlock/*"): SECRETS,
    _arn("states", "execution:interlock-v-*"): EXECUTIONS,
    _arn("cloudformation", "stack/interlock-t-*/*"): STACKS,
    _objects("Data", "runs/*"): OBJECTS,
    _objects("Data", "tenants/*"): OBJECTS,
}
SUPPRESSIONS: dict[str, dict[str, str]] = {
    "interlock-console/Distribution/Resource": {
        "AwsSolutions-CFR1": EVERYWHERE,
        "AwsSolutions-CFR2": NO_WAF,
        "AwsSolutions-CFR3": API_LOGS,
        "AwsSolutions-CFR4": OWN_NAME,
    },
    "interlock-control/Lifecycle/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Lifecycle/Role/Resource": LIFE,
    "interlock-control/RollUpUsage/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/RollUpUsage/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("events", "event-bus/interlock-*"): BUSES,
    },
    "interlock-control/MaintainInstalls/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/MaintainInstalls/Role/Resource": LIFE,
    "interlock-control/Copilots/Mcp/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Copilots/Mcp/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("dynamodb", "table/interlock-catalog-*/index/gsi1"): CATALOGS,
        _arn("dynamodb", "table/interlock-catalog-*"): CATALOGS,
        _objects("Data", "runs/*"): OBJECTS,
        _objects("Artifacts", "versions/*/places.json"): OBJECTS,
        _objects("Artifacts", "versions/*/workflows/*"): OBJECTS,
    },
    "interlock-control/Approvals/Approve/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Approvals/Approve/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/Approvals/MaintainApprovals/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Approvals/MaintainApprovals/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("events", "event-bus/interlock-*"): BUSES,
    },
    "interlock-control/Webhooks/SendWebhook/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Webhooks/SendWebhook/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("secretsmanager", "secret:interlock/*/webhook-*"): WEBHOOK_SECRETS,
        _arn("events", "rule/interlock-*/hook-*"): HOOK_RULES,
        _arn("events", "event-bus/interlock-*"): BUSES,
        _objects("Data", "runs/*/hook-*"): OBJECTS,
    },
    "interlock-control/Webhooks/RetryWebhooks/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Webhooks/RetryWebhooks/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/PlatformSteps/PlatformStep/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/PlatformSteps/PlatformStep/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/AccessBoundary/Resource": {
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:"
        "<HttpApiF5A9A8A7>/*/*/runtime/*]": ROUTES,
        _arn("secretsmanager", "secret:interlock/*"): SECRETS,
        _objects("Data", "tenants/*/installs/*"): OBJECTS,
    },
    "interlock-control/Api/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Api/Role/Resource": {
        _arn("cloudwatch", "alarm:*"): ALARMS,
        _arn("logs", "log-group:/aws/lambda/interlock-v-*"): LOGS,
        _arn("events", "rule/interlock-*/hook-*"): HOOK_RULES,
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("dynamodb", "table/interlock-catalog-*/index/gsi1"): CATALOGS,
        _arn("dynamodb", "table/interlock-catalog-*"): CATALOGS,
        _arn("states", "execution:interlock-v-*"): EXECUTIONS,
        _arn("events", "event-bus/interlock-*"): BUSES,
        _arn("events", "rule/interlock-*"): RULES,
        _arn("scheduler", "schedule/interlock/*"): SCHEDULES,
        _arn("secretsmanager", "secret:interlock/*"): SECRETS,
        _objects("Artifacts", "uploads/*"): OBJECTS,
        _objects("Data", "runs/*"): OBJECTS,
        _objects("Artifacts", "versions/*/places.json"): OBJECTS,
        _objects("Artifacts", "versions/*/workflows/*"): OBJECTS,
        _objects("Artifacts", "versions/*/bundle.zip"): OBJECTS,
        _objects("Artifacts", "versions/*/sbom.cdx.json"): OBJECTS,
        _objects("Artifacts", "versions/*/listing/*"): OBJECTS,
        _objects("Artifacts", "versions/*/views/*"): OBJECTS,
    },
    "interlock-control/Authorize/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Authorize/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/Gate/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Gate/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("iam", "role/interlock-access-*-<AWS::Region>"): ACCESS,
        _arn("lambda", "function:interlock-v-*"): FUNCTIONS,
        _objects("Data", "runs/*"): OBJECTS,
    },
    "interlock-control/Onboard/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Onboard/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("cloudformation", "stack/interlock-t-*/*"): STACKS,
    },
    "interlock-control/OnboardDeployRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("dynamodb", "table/interlock-catalog-*"): CATALOGS,
        _arn("events", "event-bus/interlock-*"): BUSES,
        _arn("events", "rule/interlock-*"): RULES,
        _arn("iam", "role/interlock-access-*-<AWS::Region>"): ACCESS,
        _arn("lambda", "event-source-mapping:*"): MAPPINGS,
    },
    "interlock-control/InstallMachine": {
        "AwsSolutions-SF1": HISTORY,
    },
    "interlock-control/InstallMachineRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/UpgradeMachine": {
        "AwsSolutions-SF1": HISTORY,
    },
    "interlock-control/UpgradeMachineRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/UninstallMachine": {
        "AwsSolutions-SF1": HISTORY,
    },
    "interlock-control/UninstallMachineRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/OffboardMachine": {
        "AwsSolutions-SF1": HISTORY,
    },
    "interlock-control/OffboardMachineRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/RolloutMachine": {
        "AwsSolutions-SF1": HISTORY,
    },
    "interlock-control/RolloutMachineRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/OnboardMachine": {
        "AwsSolutions-SF1": HISTORY,
    },
    "interlock-control/OnboardMachineRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/Pause/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Pause/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/Publish/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/Publish/Role/Resource": {
        _arn("secretsmanager", "secret:interlock/sandbox/*"): SECRETS,
        _arn("states", "execution:interlock-v-*:sandbox_*"): EXECUTIONS,
        _objects("Data", "runs/sandbox/*"): OBJECTS,
        _objects("Data", "tenants/sandbox/installs/*"): OBJECTS,
        "AwsSolutions-IAM5[Resource::*]": VALIDATION,
        _arn("cloudformation", "stack/interlock-v-*/*"): STACKS,
        _objects("Artifacts", "uploads/*"): OBJECTS,
        _objects("Artifacts", "versions/*"): OBJECTS,
    },
    "interlock-control/PublishDeployRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("iam", "role/interlock-v-*"): STEP_ROLES,
        _arn("lambda", "function:interlock-v-*"): FUNCTIONS,
        _arn("logs", "log-group:/aws/lambda/interlock-v-*"): LOGS,
        _arn("states", "stateMachine:interlock-v-*"): MACHINES,
        _objects("Artifacts", "versions/*"): OBJECTS,
    },
    "interlock-control/PublishMachine": {
        "AwsSolutions-SF1": HISTORY,
    },
    "interlock-control/PublishMachineRole/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-control/LanguageModel/Converse/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/RuntimeApi/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/RuntimeApi/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("dynamodb", "table/interlock-catalog-*/index/gsi1"): CATALOGS,
        _arn("dynamodb", "table/interlock-catalog-*"): CATALOGS,
        _arn("events", "event-bus/interlock-*"): BUSES,
    },
    "interlock-control/UploadArrived/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-control/UploadArrived/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _objects("Artifacts", "uploads/*"): OBJECTS,
    },
    "interlock-events/changes-dead/Resource": {"AwsSolutions-SQS3": LETTERS},
    "interlock-events/rules-dead/Resource": {"AwsSolutions-SQS3": LETTERS},
    "interlock-events/FinishRun/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-events/FinishRun/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("events", "event-bus/interlock-*"): BUSES,
        _objects("Data", "runs/*"): OBJECTS,
        _objects("Artifacts", "versions/*/places.json"): OBJECTS,
        _objects("Artifacts", "versions/*/workflows/*"): OBJECTS,
        _arn("states", "execution:interlock-v-*"): EXECUTIONS,
    },
    "interlock-events/LogEvents/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-events/LogEvents/Role/Resource": {
        _objects("Data", "runs/*/events/*"): OBJECTS,
        "AwsSolutions-IAM5[Resource::*]": ALL,
    },
    "interlock-events/PublishChanges/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-events/PublishChanges/Role/Resource": {
        _objects("Data", "runs/*"): OBJECTS,
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("dynamodb", "table/interlock-catalog-*/stream/*"): CATALOGS,
        _arn("events", "event-bus/interlock-*"): BUSES,
    },
    "interlock-events/SendAlert/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-events/SendAlert/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("secretsmanager", "secret:interlock/*/alert-??????"): ALERTS,
    },
    "interlock-events/DeadLetters/RecordDeadLetter/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-events/DeadLetters/RecordDeadLetter/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _objects("Data", "runs/*"): OBJECTS,
    },
    "interlock-events/StartRun/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-events/StartRun/Role/Resource": {
        _arn("events", "event-bus/interlock-*"): BUSES,
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("states", "stateMachine:interlock-v-*"): MACHINES,
        _objects("Data", "runs/*"): OBJECTS,
        _objects("Artifacts", "versions/*/workflows/*"): OBJECTS,
    },
    "interlock-events/SweepRuns/Function/Resource": {
        "AwsSolutions-L1": PYTHON,
    },
    "interlock-events/SweepRuns/Role/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("events", "event-bus/interlock-*"): BUSES,
        _arn("states", "execution:interlock-v-*"): EXECUTIONS,
        _arn("states", "stateMachine:interlock-v-*"): MACHINES,
        _objects("Data", "runs/*"): OBJECTS,
        _objects("Artifacts", "versions/*/places.json"): OBJECTS,
        _objects("Artifacts", "versions/*/workflows/*"): OBJECTS,
    },
    "interlock-foundation/Backups/Role/Resource": {
        f"AwsSolutions-IAM4[Policy::{POLICY}/{DYNAMODB_POLICY}]": BACKUP,
        f"AwsSolutions-IAM4[Policy::{POLICY}/{S3_POLICY}]": BACKUP,
    },
    "interlock-foundation/StepBoundary/Resource": {
        "AwsSolutions-IAM5[Resource::*]": ALL,
        _arn("logs", "log-group:/aws/lambda/interlock-v-*"): LOGS,
    },
    "interlock-foundation/TicketSecret/Resource": {
        "AwsSolutions-SMG4": ROTATION,
    },
    "interlock-foundation/Users/Resource": {
        "AwsSolutions-COG2": MFA,
        "AwsSolutions-COG8": PLUS,
    },
}


def check(app: App) -> int:
    """Check the app's stacks at synthesis, less what is suppressed; how many suppressions there are."""
    Validations.of(app).add_plugins(AwsSolutionsChecks())
    for path, findings in SUPPRESSIONS.items():
        construct: IConstruct = app
        for name in path.split("/"):
            construct = construct.node.find_child(name)
        rules = [Acknowledgment(id=f"{PACK}::{finding}", reason=reason) for finding, reason in findings.items()]
        Validations.of(construct).acknowledge(*rules)
    return sum(len(findings) for findings in SUPPRESSIONS.values())
