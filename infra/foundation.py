"""Foundation: what outlives every deployment. Tables, buckets, the signing key, Cognito."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra import packaging
from infra.backups import Backups
from infra.target import DeployTarget
from interlock.compiler.template import INTERFACES
from interlock.contract.core import limits, names

RETAINED = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
"""It outlives its stack; but a creation that failed leaves nothing whose name would fail the next one."""
UPLOAD_DAYS = 7
NONCURRENT_DAYS = 30
"""What an app overwrote or deleted can be fetched back for so long."""

TICKET_SECRET = "interlock-ticket"
"""By name, because the embedded engine's Ref of a secret is its name after an update of the stack."""

REFRESH_DAYS = 30
"""How long a person stays signed in on the command line."""


class Foundation(Stack):
    """Tables, buckets, keys, Cognito."""

    def __init__(self, scope: Construct, name: str, *, target: DeployTarget, **fields: object) -> None:
        """Make the stack."""
        super().__init__(scope, name, **fields)
        self.target = target
        self.access_logs = self._access_logs() if target.name == "aws" else None
        self.registry = self._table("Registry", "interlock-registry", indexes=1)
        self.runs = self._table("Runs", "interlock-runs", indexes=5)
        self.data = self._bucket("Data", "data")
        self.data.add_lifecycle_rule(prefix="runs/", expiration=Duration.days(limits.RECORD_DAYS))
        self.artifacts = self._bucket("Artifacts", "artifacts")
        self._announce(self.artifacts)
        self.artifacts.add_lifecycle_rule(prefix="uploads/", expiration=Duration.days(UPLOAD_DAYS))
        if target.name == "aws":
            Backups(self, [self.registry, self.runs], [self.data, self.artifacts])
        self.signing_key = kms.Key(
            self,
            "SigningKey",
            alias="alias/interlock-signing",
            description="Signs the digest of certified versions",
            removal_policy=RETAINED,
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
        )
        self.ticket_secret = secretsmanager.Secret(
            self,
            "TicketSecret",
            secret_name=TICKET_SECRET,
            description="Signs the tickets that steps carry to the runtime API",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        )
        self.ticket_secret_arn = (
            f"arn:{self.partition}:secretsmanager:{self.region}:{self.account}:secret:{TICKET_SECRET}-??????"
        )
        self._identity()
        self.code = str(packaging.platform_code(target))
        self._step_boundary(network=target.network)
        CfnOutput(self, "RegistryTable", value=self.registry.table_name)
        CfnOutput(self, "RunsTable", value=self.runs.table_name)
        CfnOutput(self, "UserPool", value=self.pool.user_pool_id)
        CfnOutput(self, "ArtifactBucket", value=self.artifacts.bucket_name)
        CfnOutput(self, "DataBucket", value=self.data.bucket_name)
        CfnOutput(self, "StepBoundaryArn", value=self.step_boundary.managed_policy_arn)

    def _table(self, name: str, physical: str, *, indexes: int) -> dynamodb.Table:
        table = dynamodb.Table(
            self,
            name,
            table_name=physical,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            removal_policy=RETAINED,
            # On the engine, tests delete what they made.
            deletion_protection=self.target.name == "aws",
        )
        for number in range(1, indexes + 1):
            table.add_global_secondary_index(
                index_name=f"gsi{number}",
                partition_key=dynamodb.Attribute(name=f"gsi{number}pk", type=dynamodb.AttributeType.STRING),
                sort_key=dynamodb.Attribute(name=f"gsi{number}sk", type=dynamodb.AttributeType.STRING),
            )
        return table

    def _access_logs(self) -> s3.Bucket:
        """Who read which object; on AWS."""
        logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            removal_policy=RETAINED,
        )
        logs.add_lifecycle_rule(expiration=Duration.days(limits.RECORD_DAYS))
        return logs

    def _bucket(self, name: str, word: str) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            name,
            bucket_name=f"interlock-{word}-{self.account}-{self.region}",
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=self.target.name == "aws",
            removal_policy=RETAINED,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix=f"{word}/" if self.access_logs else None,
        )
        bucket.add_lifecycle_rule(
            noncurrent_version_expiration=Duration.days(NONCURRENT_DAYS),
            abort_incomplete_multipart_upload_after=Duration.days(UPLOAD_DAYS),
        )
        return bucket

    def _announce(self, bucket: s3.Bucket) -> None:
        """Object events to EventBridge, by the property itself: CDK's own switch is a function that runs at deploy."""
        plain = bucket.node.default_child
        if not isinstance(plain, s3.CfnBucket):
            raise TypeError(f"{bucket.node.path} has no CfnBucket")
        plain.add_property_override("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", True)

    def _identity(self) -> None:
        self.pool = cognito.UserPool(
            self,
            "Users",
            user_pool_name="interlock",
            self_sign_up_enabled=False,
            # No aliases: an address in one tenant would block it in another.
            sign_in_aliases=cognito.SignInAliases(username=True),
            password_policy=cognito.PasswordPolicy(
                min_length=16, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            removal_policy=RETAINED,
            deletion_protection=self.target.name == "aws",
        )
        api = cognito.ResourceServerScope(scope_name="api", scope_description="Call the control API")
        server = self.pool.add_resource_server("Api", identifier="interlock", scopes=[api])
        scope = cognito.OAuthScope.resource_server(server, api)
        self.cli_client = self.pool.add_client(
            "Cli",
            user_pool_client_name="interlock-cli",
            generate_secret=False,
            prevent_user_existence_errors=True,
            refresh_token_validity=Duration.days(REFRESH_DAYS),
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, scope],
                callback_urls=[f"http://localhost:{port}/callback" for port in names.LOGIN_PORTS],
            ),
        )
        CfnOutput(self, "CliClientId", value=self.cli_client.user_pool_client_id)
        self.pool.add_domain(
            "Domain",
            cognito_domain=cognito.CognitoDomainOptions(domain_prefix=f"interlock-{self.account}-{self.region}"),
        )

    def _step_boundary(self, *, network: bool) -> None:
        """No role that the publish pipeline creates can do more than write its own logs, and attach functions."""
        groups = f"arn:{self.partition}:logs:{self.region}:{self.account}:log-group:/aws/lambda/interlock-v-*"
        self.step_boundary = iam.ManagedPolicy(
            self,
            "StepBoundary",
            managed_policy_name=names.of_region("interlock-step-boundary", self.region),
            statements=[
                iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[groups]),
                *([iam.PolicyStatement(actions=list(INTERFACES), resources=["*"])] if network else []),
            ],
        )
