"""The console's page: a private bucket, and one distribution that answers page and API on one origin. On AWS only.

`cdk deploy` makes the place; `interlock deployment console` puts the page there (no function runs at deploy time).
Locally `interlock up` serves both (interlock/cli/console).
"""

from typing import Any

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_s3 as s3
from constructs import Construct, Node

from infra.control import Control
from infra.foundation import RETAINED, Foundation
from infra.roles import DeploymentStack
from interlock.contract.core import names
from interlock.contract.page import page_policy, site_policy

DOMAIN, CERTIFICATE = "interlock:console_domain", "interlock:console_certificate"
API_PATH = "/v1/*"
SITE_PATH = "/docs/*"
TOKEN_HOURS, REFRESH_HOURS = 1, 12
"""A page that is open renews its token for half a day; then a person signs in again."""
TO_THE_PAGE = """function handler(event) {
  var request = event.request;
  var isPage = /^\\/[tp]\\//.test(request.uri) || request.uri.split('/').pop().indexOf('.') < 0;
  if (isPage) request.uri = '/index.html';
  return request;
}"""
"""Every address that is no file is the page, which routes by it; one may end with a version (`versions/1.0.0`)."""
TO_AN_INDEX = """function handler(event) {
  var request = event.request;
  if (request.uri.endsWith('/')) request.uri += 'index.html';
  return request;
}"""
"""S3 answers keys; a folder of the documentation is its index."""


def own_domain(node: Node) -> tuple[str, str]:
    """The operator's own name of the console, with its certificate, which CloudFront takes from us-east-1.

    Raises:
        ValueError: a name without a certificate.
    """
    name, certificate = str(node.try_get_context(DOMAIN) or ""), str(node.try_get_context(CERTIFICATE) or "")
    if name and not certificate:
        raise ValueError(f"-c {DOMAIN}={name} needs its certificate: -c {CERTIFICATE}=ARN, of us-east-1")
    return name, certificate


class Console(DeploymentStack):
    """The bucket, the distribution, and the client by which people sign in."""

    def __init__(
        self, scope: Construct, name: str, *, foundation: Foundation, control: Control, **fields: object
    ) -> None:
        """Declare all of it; the page's policy names the user pool's domain and the bucket of images."""
        super().__init__(scope, name, **fields)
        self._foundation = foundation
        sign_in = f"https://interlock-{self.account}-{self.region}.auth.{self.region}.amazoncognito.com"
        bucket = s3.Bucket(
            self,
            "Page",
            bucket_name=f"interlock-console-{self.account}-{self.region}",
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            removal_policy=RETAINED,
            server_access_logs_bucket=foundation.access_logs,
            server_access_logs_prefix="console/",
        )
        images = f"https://{foundation.artifacts.bucket_regional_domain_name}"
        page = self._behavior(bucket, "Page", TO_THE_PAGE, page_policy(images=[images], connections=[sign_in]))
        site = self._behavior(bucket, "Site", TO_AN_INDEX, site_policy())
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Interlock: the console and its API",
            default_root_object="index.html",
            default_behavior=page,
            additional_behaviors={API_PATH: self._api(control), SITE_PATH: site},
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            **self._domain(),
        )
        self.url = f"https://{own_domain(self.node)[0] or self.distribution.distribution_domain_name}"
        client = self._client()
        CfnOutput(self, "ConsoleUrl", value=self.url)
        CfnOutput(self, "ConsoleBucket", value=bucket.bucket_name)
        CfnOutput(self, "ConsoleDistribution", value=self.distribution.distribution_id)
        CfnOutput(self, "ConsoleClientId", value=client.user_pool_client_id)
        CfnOutput(self, "SignInUrl", value=sign_in)

    def _domain(self) -> dict[str, Any]:
        name, certificate = own_domain(self.node)
        if not name:
            return {}
        return {
            "domain_names": [name],
            "certificate": acm.Certificate.from_certificate_arn(self, "Certificate", certificate),
            "minimum_protocol_version": cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        }

    def _behavior(self, bucket: s3.Bucket, name: str, code: str, policy: str) -> cloudfront.BehaviorOptions:
        rewrite = cloudfront.Function(
            self,
            f"{name}Paths",
            code=cloudfront.FunctionCode.from_inline(code),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        headers = cloudfront.ResponseHeadersPolicy(
            self,
            f"{name}Headers",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365), include_subdomains=True, override=True
                ),
            ),
        )
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(bucket),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            response_headers_policy=headers,
            compress=True,
            function_associations=[
                cloudfront.FunctionAssociation(event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=rewrite)
            ],
        )

    def _api(self, control: Control) -> cloudfront.BehaviorOptions:
        """The control API as it is: nothing of it is kept, and the caller's headers reach it."""
        host = f"{control.api.api_id}.execute-api.{self.region}.{self.url_suffix}"
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(host, protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        )

    def _client(self) -> cognito.UserPoolClient:
        scope = cognito.OAuthScope.custom(names.API_SCOPE)
        return cognito.UserPoolClient(
            self,
            "Client",
            user_pool=self._foundation.pool,
            user_pool_client_name="interlock-console",
            generate_secret=False,
            prevent_user_existence_errors=True,
            access_token_validity=Duration.hours(TOKEN_HOURS),
            refresh_token_validity=Duration.hours(REFRESH_HOURS),
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, scope],
                callback_urls=[f"{self.url}/callback"],
                logout_urls=[f"{self.url}/"],
            ),
        )
