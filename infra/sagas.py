"""The platform's own workflows: a machine of `statemachines/` each, and the function that does its tasks."""

import json
from pathlib import Path

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn

from infra.core import Core
from infra.deploy_roles import access_boundary, onboard_deploy_role, publish_deploy_role
from infra.lifecycle_permissions import clock_permissions, lifecycle_permissions
from infra.network import StepNetwork
from infra.python_function import PythonFunction
from infra.roles import Allow, role
from infra.rules import to_clock
from infra.trial_permissions import trial_permissions
from interlock.contract.core import limits
from interlock.contract.core.names import ADVISORIES
from interlock.contract.core.settings import LifecycleSettings, OnboardSettings, PublishSettings, UploadArrivedSettings

TEND_MINUTES = 1
LOG_GROUP = "/aws/vendedlogs/states/interlock"
"""The prefix keeps the resource policy of the account's logs short:
https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html"""
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
"""None takes a resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy"""
MACHINES = Path(__file__).parent.parent / "statemachines"


class Sagas:
    """Publish and onboard, in the stack of control."""

    def __init__(self, control: Core) -> None:
        """Make them."""
        self.control = control
        self.machine_log = logs.LogGroup(
            control,
            "MachineLog",
            log_group_name=LOG_GROUP,
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.lifecycle = self._lifecycle()
        self.onboard_machine = self._onboard()
        self._publish()

    def _lifecycle(self) -> PythonFunction:
        """Install, upgrade, uninstall, offboard, and the clock that looks at what is due of them."""
        control = self.control
        settings = LifecycleSettings(**control.life_settings(), user_pool=control.foundation.pool.user_pool_id)
        allow, clock_allow = lifecycle_permissions(control), clock_permissions(control)
        tasks = PythonFunction(
            control,
            "lifecycle",
            **control.common,
            settings=settings,
            allow=allow,
            memory_mb=512,
            timeout_s=limits.LIFECYCLE_SECONDS,
        )
        for name in ("install", "upgrade", "uninstall", "offboard", "rollout"):
            self._machine(name, tasks)
        clock = PythonFunction(
            control,
            "maintain_installs",
            **control.common,
            settings=settings,
            allow=clock_allow,
            memory_mb=512,
            timeout_s=300,
            clock=True,
        )
        events.Rule(
            control,
            "Tend",
            schedule=events.Schedule.rate(Duration.minutes(TEND_MINUTES)),
            targets=[to_clock(clock.function)],
        )
        return tasks

    def _publish(self) -> None:
        foundation, network = self.control.foundation, self.control.network
        sdk_layer = self.control.sdk_layer.layer_version_arn
        deploy_role = publish_deploy_role(self.control, foundation, self.control.machine_role, sdk_layer)
        artifacts = foundation.artifacts
        publish = PythonFunction(
            self.control,
            "publish",
            **self.control.common,
            settings=PublishSettings(
                registry_table=foundation.registry.table_name,
                artifact_bucket=artifacts.bucket_name,
                signing_key=foundation.signing_key.key_arn,
                gate_arn=self.control.gate.arn,
                pause_arn=self.control.pause.arn,
                machine_role=self.control.machine_role.role_arn,
                step_boundary=foundation.step_boundary.managed_policy_arn,
                sdk_layer=sdk_layer,
                target_python=self.control.target.python,
                target_architecture=self.control.target.architecture,
                deploy_role=deploy_role.role_arn,
                runs_table=foundation.runs.table_name,
                data_bucket=foundation.data.bucket_name,
                start_queue=self.control.events.start_queue.queue_url,
                onboard_machine=self.onboard_machine.attr_arn,
                subnets=",".join(network.subnets) if network else "",
                security_group=network.security_group if network else "",
                domain_list=network.domain_list if network else "",
                rule_group=network.rule_group if network else "",
                auto_review=self.control.target.auto_review,
            ),
            allow=[
                *(_opens(network) if network else ()),
                *trial_permissions(self.control, self.onboard_machine.attr_arn),
                Allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], [foundation.registry.table_arn]),
                # The versions before this one: an event's schema may not break with theirs.
                Allow(["dynamodb:Query"], [f"{foundation.registry.table_arn}/index/gsi1"]),
                Allow(
                    ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"],
                    [artifacts.arn_for_objects("uploads/*"), artifacts.arn_for_objects("versions/*")],
                ),
                Allow(["s3:GetObject"], [artifacts.arn_for_objects(ADVISORIES)]),
                Allow(["s3:ListBucket"], [artifacts.bucket_arn]),
                Allow(
                    [
                        f"cloudformation:{verb}"
                        for verb in ("CreateStack", "DescribeStacks", "DescribeStackEvents", "DeleteStack")
                    ],
                    [self.control.arn("cloudformation", "stack/interlock-v-*/*")],
                ),
                # The action has no resource: a definition is validated before it has a state machine.
                Allow(["states:ValidateStateMachineDefinition"], ["*"]),
                Allow(["iam:PassRole"], [deploy_role.role_arn]),
                Allow(["kms:Sign"], [foundation.signing_key.key_arn]),
            ],
            # One whole processor: an inspection is bounded by five seconds of it, and awaited for 60 (bounds/child).
            memory_mb=1769,
            timeout_s=120,
        )
        machine = self._machine("publish", publish, {"Lifecycle": self.lifecycle, "Approve": self.control.approve})
        self._start_publish(machine)

    def _start_publish(self, machine: sfn.CfnStateMachine) -> None:
        """An upload's arrival starts the publish machine, named by the object's VersionId."""
        artifacts = self.control.foundation.artifacts
        queue = self.control.events.upload_queue
        start = PythonFunction(
            self.control,
            "upload_arrived",
            **self.control.common,
            settings=UploadArrivedSettings(publish_machine=machine.attr_arn),
            allow=[
                Allow(["states:StartExecution"], [machine.attr_arn]),
                Allow(["s3:GetObject", "s3:GetObjectVersion"], [artifacts.arn_for_objects("uploads/*")]),
                Allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queue.queue_arn]),
            ],
        )
        start.function.add_event_source(sources.SqsEventSource(queue, batch_size=1, report_batch_item_failures=True))

    def _onboard(self) -> sfn.CfnStateMachine:
        foundation = self.control.foundation
        boundary = access_boundary(self.control, foundation, self.control.api.api_id)
        CfnOutput(self.control, "AccessBoundaryArn", value=boundary.managed_policy_arn)
        deploy_role = onboard_deploy_role(self.control, self.control.events.stream_function, boundary)
        onboard = PythonFunction(
            self.control,
            "onboard",
            **self.control.common,
            settings=OnboardSettings(
                registry_table=foundation.registry.table_name,
                data_bucket=foundation.data.bucket_name,
                gate_role=self.control.gate.role.role_arn,
                stream_function=self.control.events.stream_function.arn,
                event_log_queue=self.control.events.log_queue.queue_arn,
                api_id=self.control.api.api_id,
                access_boundary=boundary.managed_policy_arn,
                change_letters=self.control.events.change_letters.queue_arn,
                rule_letters=self.control.events.rule_letters.queue_arn,
                deploy_role=deploy_role.role_arn,
            ),
            allow=[
                Allow(["dynamodb:GetItem", "dynamodb:PutItem"], [foundation.registry.table_arn]),
                Allow(
                    [f"cloudformation:{verb}" for verb in ("CreateStack", "DescribeStacks", "DeleteStack")],
                    [self.control.arn("cloudformation", "stack/interlock-t-*/*")],
                ),
                Allow(["iam:PassRole"], [deploy_role.role_arn]),
            ],
            timeout_s=60,
        )
        return self._machine("onboard", onboard)

    def _machine(
        self, name: str, function: PythonFunction, others: dict[str, PythonFunction] | None = None
    ) -> sfn.CfnStateMachine:
        functions = {"Function": function} | (others or {})
        traced = self.control.target.name == "aws"
        allow = [Allow(["lambda:InvokeFunction"], [each.arn for each in functions.values()])]
        allow += [Allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"])] if traced else []
        allow += [Allow(LOG_DELIVERY, ["*"])] if traced else []
        machine_role = role(self.control, f"{name.title()}MachineRole", f"interlock-{name}-machine", "states", allow)
        definition = json.loads((MACHINES / f"{name}.asl.json").read_text())
        callback = f"arn:{self.control.partition}:states:::lambda:invoke.waitForTaskToken"
        return sfn.CfnStateMachine(
            self.control,
            f"{name.title()}Machine",
            state_machine_name=f"interlock-{name}",
            role_arn=machine_role.role_arn,
            definition_string=json.dumps(definition),
            definition_substitutions={word: each.arn for word, each in functions.items()}
            | ({"Callback": callback} if "${Callback}" in json.dumps(definition) else {}),
            tracing_configuration=sfn.CfnStateMachine.TracingConfigurationProperty(enabled=True) if traced else None,
            logging_configuration=_failures(self.machine_log) if traced else None,
        )


def _failures(group: logs.LogGroup) -> sfn.CfnStateMachine.LoggingConfigurationProperty:
    """What failed, without inputs and outputs: an order may hold what a tenant configured."""
    machine = sfn.CfnStateMachine
    place = machine.CloudWatchLogsLogGroupProperty(log_group_arn=group.log_group_arn)
    return machine.LoggingConfigurationProperty(
        destinations=[machine.LogDestinationProperty(cloud_watch_logs_log_group=place)],
        include_execution_data=False,
        level="ERROR",
    )


def _opens(network: StepNetwork) -> list[Allow]:
    """What lets publishing extend the lists of declared hosts."""
    names = ("route53resolver:ListFirewallDomains", "route53resolver:UpdateFirewallDomains")
    hosts = ("network-firewall:DescribeRuleGroup", "network-firewall:UpdateRuleGroup")
    return [Allow(names, [network.domain_list_arn]), Allow(hosts, [network.rule_group])]
