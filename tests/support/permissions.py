"""Every action and resource that a role of some templates may use, and what uses it.

Users of a function's role are modules whose code calls the action and forms the resource's name (`call_graph`); of
other roles they are states of a definition, resource types of a template, scopes of a session. What nothing uses has no
user.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple, cast

import botocore.session
from botocore import xform_name

from infra.sagas import LOG_DELIVERY
from interlock.compiler.plan import VersionPlan
from interlock.compiler.policy import Deployment, session_policy
from interlock.compiler.template import version_template
from interlock.compiler.tenant_template import tenant_template
from tests.support.call_graph import calls_of, reached
from tests.support.iam import World
from tests.support.resource_schemas import needed
from tests.support.resource_ways import WAYS
from tests.support.version_stack import version_without_network

PREFIXES = {"stepfunctions": "states"}
"""Services whose actions begin with another word than boto3's."""
ACTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("lambda", "invoke"): ("lambda:InvokeFunction",),
    ("s3", "get_object"): ("s3:GetObject", "s3:GetObjectVersion"),
    ("s3", "head_object"): ("s3:GetObject", "s3:GetObjectVersion"),
    ("s3", "generate_presigned_url"): ("s3:GetObject",),
    ("s3", "generate_presigned_post"): ("s3:PutObject",),
    ("s3", "list_objects_v2"): ("s3:ListBucket",),
    ("s3", "list_object_versions"): ("s3:ListBucketVersions",),
    ("s3", "delete_objects"): ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    ("dynamodb", "transact_write_items"): (
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ),
    ("sqs", "send_message_batch"): ("sqs:SendMessage",),
    ("cloudformation", "create_stack"): ("cloudformation:CreateStack", "iam:PassRole"),
    ("scheduler", "create_schedule"): ("scheduler:CreateSchedule", "iam:PassRole"),
}
"""Calls whose actions have other names: https://docs.aws.amazon.com/service-authorization/latest/reference/."""
BY_LAMBDA = {
    "Lambda, for the log": ("logs:CreateLogStream", "logs:PutLogEvents"),
    "Lambda, for the traces": ("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
}
BY_MAPPING = (
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ChangeMessageVisibility",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
"""What Lambda itself does with a function's role: its log, its traces, its queue or stream.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html
"""
ON_INDEXES = ("dynamodb:Query",)
"""Of what our code does, only queries read an index: every other call names the table."""
TRACED = "Step Functions, for the traces"
LOGGED = "Step Functions, for the log"


class Use(NamedTuple):
    """One action on one resource of one role, and what uses it."""

    role: str
    action: str
    resource: str
    users: tuple[str, ...]


def uses(world: World, plan: VersionPlan) -> list[Use]:
    """Every use of every role of the platform, and of the roles that a version and a tenant bring."""
    rows: list[Use] = []
    for logical, resource in world.resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            name = world.role(logical)
            service = re.findall(r"(\w+)\.amazonaws\.com", str(resource["Properties"]["AssumeRolePolicyDocument"]))[0]
            for action, target in _granted(world, world.statements(name)):
                rows.append(
                    Use(name, action, target, tuple(sorted(_users(world, service, name, action, target, plan))))
                )
    return sorted([*rows, *_of_version(plan), *_of_tenant(), *_of_boundaries(world, plan)])


def operations(service: str) -> dict[str, str]:
    """Operations of a service by the names of boto3's methods."""
    return _operations()(service)


@cache
def _operations() -> Any:
    session = botocore.session.get_session()

    @cache
    def of(service: str) -> dict[str, str]:
        return {xform_name(name): name for name in session.get_service_model(service).operation_names}

    return of


@cache
def actions_of(handler: str) -> dict[str, set[str]]:
    """The actions that a handler's code can use, each with the functions that do."""
    actions: dict[str, set[str]] = {}
    for (service, word), places in calls_of(handler).items():
        actions_of_word = ACTIONS.get((service, word), ())
        if not actions_of_word and word in operations(service):
            actions_of_word = (f"{PREFIXES.get(service, service)}:{operations(service)[word]}",)
        for name in actions_of_word:
            actions.setdefault(name, set()).update(places)
    return actions


def _granted(world: World, statements: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for statement in statements:
        if statement["Effect"] == "Allow":
            for action in _list(statement["Action"]):
                for resource in _list(statement["Resource"]):
                    yield action, world.text(resource)


def _list(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _users(world: World, service: str, role: str, action: str, resource: str, plan: VersionPlan) -> set[str]:
    if service == "lambda":
        return _of_function(world, role, action, resource)
    if service == "states":
        return set(_of_machines(world, role, action, resource, plan))
    if service == "cloudformation":
        text = version_template(plan) if role == "interlock-publish-deploy" else tenant_template()
        return {kind for kind in kinds(text) if action in needed(kind) and names_resource(kind, action, resource)}
    if service == "scheduler":
        return _of_schedules(world, role, action, resource)
    raise AssertionError(f"{role} is taken by {service}: say what uses it")


def kinds(text: str) -> set[str]:
    """The resource types of a template."""
    return {resource["Type"] for resource in json.loads(text)["Resources"].values()}


def names_resource(kind: str, action: str, resource: str) -> bool:
    """Whether an ARN is of what a type's handler calls an action on: its own service, or all of it."""
    service = action.partition(":")[0]
    return resource == "*" or resource.split(":")[2] == service or kind.lower().startswith(f"aws::{service}::")


def _of_function(world: World, role: str, action: str, resource: str) -> set[str]:
    for user, actions in BY_LAMBDA.items():
        if action in actions:
            return {user}
    handler = f"functions.{role.removeprefix('interlock-').replace('-', '_')}.handler"
    users = {place.partition(":")[0] for place in actions_of(handler).get(action, ())}
    if "/index/" in resource and action not in ON_INDEXES:
        users.clear()
    if users and not _reaches(world, role, handler, resource):
        users.clear()
    if action == "sqs:SendMessage" and _keeps(world, role, resource):
        users.add("Lambda, for what a clock could not do")
    if _is_destination(role, action, resource):
        users.add("Lambda, for what left the stream unserved")
    if action in BY_MAPPING and _is_mapped(world, role, resource):
        users.add(f"Lambda, for the mapping of {resource.split(':', 5)[-1]}")
    return users


def _reaches(world: World, role: str, handler: str, resource: str) -> bool:
    """Whether the code comes by a resource's name: in the settings, by a constant or by a function that forms it."""
    base, _, index = resource.partition("/index/")
    reachable = {word for function in reached(handler) for word in function.words}
    if index and index not in reachable:
        return False
    if resource == "*" or any(_names(value, base) for value in environment(world, role).values()):
        return True
    names = {function.place.rpartition(":")[2] for function in reached(handler)} | reachable
    ways = [way for pattern, way in WAYS.items() if fnmatchcase(resource, f"*{pattern}")]
    assert ways, f"{resource}: say in WAYS how code comes by its name"
    return any(name in names for way in ways for name in way)


def _names(value: str, resource: str) -> bool:
    return bool(value) and resource in (value, *(f"{head}{value}" for head in _heads(resource)))


def _heads(resource: str) -> Iterator[str]:
    """What stands before a name in an ARN."""
    for mark in ("table/", "userpool/", ":::", "secret:", ":"):
        head, separator, _ = resource.rpartition(mark)
        if separator:
            yield head + mark


def environment(world: World, function: str) -> dict[str, str]:
    """The variables of a function, as texts; of a queue's address, its name; of a secret, its ARN's pattern."""
    properties = next(
        one["Properties"]
        for key, one in world.resources.items()
        if one["Type"] == "AWS::Lambda::Function" and world.name(key) == function
    )
    values = {
        name: value if isinstance(value, str) else world.text(value)
        for name, value in properties.get("Environment", {}).get("Variables", {}).items()
    }
    secret = "INTERLOCK_TICKET_SECRET"
    return values | ({secret: f"{values[secret]}-??????"} if secret in values else {})


def _is_destination(role: str, action: str, resource: str) -> bool:
    """Whether Lambda sends there what left a stream unserved: `DestinationConfig` of a tenant's template."""
    changes = json.loads(tenant_template())["Resources"]["Changes"]["Properties"]
    parameter = changes["DestinationConfig"]["OnFailure"]["Destination"]["Ref"]
    own = (role, action, parameter) == ("interlock-publish-changes", "sqs:SendMessage", "ChangeLetters")
    return own and resource.endswith(":interlock-changes-dead")


def _keeps(world: World, role: str, resource: str) -> bool:
    """Whether Lambda sends there what the function failed with when a rule called it."""
    configs = [one["Properties"] for one in world.resources.values() if one["Type"] == "AWS::Lambda::EventInvokeConfig"]
    return any(
        world.text(one["FunctionName"]) == role
        and world.text(one["DestinationConfig"]["OnFailure"]["Destination"]) == resource
        for one in configs
    )


def _is_mapped(world: World, role: str, source: str) -> bool:
    if "/stream/" in source:
        # Each tenant's template maps its catalog's stream: `StreamFunction`.
        return role == "interlock-publish-changes"
    mappings = [r["Properties"] for r in world.resources.values() if r["Type"] == "AWS::Lambda::EventSourceMapping"]
    return any(
        world.text(one["EventSourceArn"]) == source and world.text(one["FunctionName"]) == role for one in mappings
    )


def _of_machines(world: World, role: str, action: str, resource: str, plan: VersionPlan) -> Iterator[str]:
    if role == "interlock-machines":
        arns = {f"${{{word}}}": f"function:interlock-{word.lower()}" for word in ("Gate", "Pause")}
        for machine in plan.machines:
            for task in tasks(json.loads(machine.definition)["States"]):
                if action == "lambda:InvokeFunction" and resource.endswith(arns[task]):
                    yield "every workflow that the compiler writes"
    for one in (r["Properties"] for r in world.resources.values() if r["Type"] == "AWS::StepFunctions::StateMachine"):
        if world.text(one["RoleArn"]).endswith(f"/{role}-us-east-1"):
            value = {f"${{{word}}}": world.text(arn) for word, arn in one["DefinitionSubstitutions"].items()}
            targets = {value[task] for task in tasks(json.loads(one["DefinitionString"])["States"])}
            if action == "lambda:InvokeFunction" and resource in targets:
                yield f"statemachines/{one['StateMachineName'].removeprefix('interlock-')}.asl.json"
            if action.startswith("xray:") and one.get("TracingConfiguration", {}).get("Enabled"):
                yield TRACED
            if action in LOG_DELIVERY and one.get("LoggingConfiguration"):
                yield LOGGED


def tasks(states: dict[str, Any]) -> Iterator[str]:
    """What each Task of a definition calls, in its branches too."""
    for state in states.values():
        if state["Type"] == "Task":
            resource = state["Resource"]
            fields: dict[str, Any] = state.get("Parameters") or state.get("Arguments") or {}
            yield fields["FunctionName"] if "lambda:invoke" in resource or resource == "${Callback}" else resource
        for branch in [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            yield from tasks(branch["States"])


def _of_schedules(world: World, role: str, action: str, resource: str) -> set[str]:
    """Who makes schedules with the role, and has the resource for their target."""
    users: set[str] = set()
    for logical, one in world.resources.items():
        if one["Type"] == "AWS::Lambda::Function" and action == "sqs:SendMessage":
            name = world.name(logical)
            values = environment(world, name)
            handler = f"functions.{name.removeprefix('interlock-').replace('-', '_')}.handler"
            if values.get("INTERLOCK_SCHEDULE_ROLE", "").endswith(f"/{role}-us-east-1") and resource in values.values():
                users |= {place.partition(":")[0] for place in actions_of(handler).get("scheduler:CreateSchedule", ())}
    return users


def _of_version(plan: VersionPlan) -> Iterator[Use]:
    world = World(json.loads(version_without_network(plan)))
    for action, resource in _granted(world, world.statements("StepRole")):
        target = re.sub(r"interlock-v-[0-9a-f]{12}-[\w-]+", "interlock-v-VERSION-PROFILE", resource)
        users = tuple(user for user, actions in BY_LAMBDA.items() if action in actions)
        yield Use("(each version) StepRole", action, target, users)


def _of_tenant() -> Iterator[Use]:
    world = World(json.loads(tenant_template()))
    scopes = ("catalog:read", "catalog:write", "emit:x", "state", "secret:key")
    deployment = Deployment(partition="aws", region="us-east-1", account="123456789012", api_id="API", bucket="DATA")
    by_action: dict[str, set[str]] = {}
    for scope in scopes:
        for statement in json.loads(session_policy(deployment, "acme", "i", [scope]))["Statement"]:
            for action in statement["Action"]:
                by_action.setdefault(action, set()).add(f"sessions with {scope.partition(':')[0]}")
    for action, resource in _granted(world, world.statements("interlock-access-PARAMETER-Tenant")):
        target = resource.replace("PARAMETER-", "")
        yield Use("(each tenant) interlock-access-TENANT", action, target, tuple(sorted(by_action.get(action, ()))))


def _of_boundaries(world: World, plan: VersionPlan) -> Iterator[Use]:
    """A boundary is used where a role under it may do the same."""
    under = {"interlock-step-boundary": list(_of_version(plan)), "interlock-access-boundary": list(_of_tenant())}
    for logical, resource in world.resources.items():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            name = world.role(logical)
            for action, target in _granted(world, world.boundary(name)):
                users = {use.role for use in under[name] if use.action == action}
                yield Use(f"(boundary) {name}", action, target, tuple(sorted(users)))
