"""Backups: a copy each day of what outlives the platform's stacks, in a vault that keeps it from being deleted; on AWS.

Going back in time (PITR) is of 35 days too, but it goes with its table: this copy stays when a table or bucket is gone.
What a tenant had deleted stays in copies until they expire: docs/operations.md.
"""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

KEPT_DAYS = 35
"""As long as tables go back in time:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html"""
HOUR = "3"
"""In UTC."""
DYNAMODB_POLICY = "service-role/AWSBackupServiceRolePolicyForBackup"
S3_POLICY = "AWSBackupServiceRolePolicyForS3Backup"
"""What AWS Backup needs, as AWS keeps it: https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html"""


class Backups(Construct):
    """The plan, its vault and what it copies."""

    def __init__(self, scope: Construct, tables: list[dynamodb.Table], buckets: list[s3.Bucket]) -> None:
        """Make them.

        Args:
            scope: the stack of the tables and buckets.
            tables: copied each day.
            buckets: copied each day; they have versions.
        """
        super().__init__(scope, "Backups")
        retained = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        key = kms.Key(
            self, "Key", enable_key_rotation=True, description="Encrypts Interlock's backups", removal_policy=retained
        )
        vault = backup.BackupVault(
            self, "Vault", backup_vault_name="interlock", encryption_key=key, removal_policy=retained
        )
        plan = backup.BackupPlan(self, "Plan", backup_plan_name="interlock", backup_vault=vault)
        plan.add_rule(
            backup.BackupPlanRule(
                rule_name="daily",
                schedule_expression=events.Schedule.cron(hour=HOUR, minute="0"),
                delete_after=Duration.days(KEPT_DAYS),
            )
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name(name) for name in (DYNAMODB_POLICY, S3_POLICY)
            ],
        )
        resources = [backup.BackupResource.from_arn(one.table_arn) for one in tables]
        resources += [backup.BackupResource.from_arn(one.bucket_arn) for one in buckets]
        backup.BackupSelection(
            self, "Selection", backup_plan=plan, resources=resources, role=role, disable_default_backup_policy=True
        )
