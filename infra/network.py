"""The network of steps, where the operator turns it on (`-c interlock:network=on`): out of it leads a firewall alone.

In each of two availability zones a step's packets go: subnet of steps -> Network Firewall -> NAT -> internet. Names are
resolved by the VPC's resolver behind DNS Firewall. Both let through what the platform itself needs and the hosts that
published versions declare: publishing a version adds its hosts to the lists `declared`
(`interlock/control/publishing/network.py`). ADR 0029 says why so, and what it costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import CfnOutput, Fn, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_networkfirewall as nfw
from aws_cdk import aws_route53resolver as resolver
from constructs import Construct

from infra.roles import Allow, DeploymentStack, role
from interlock.contract.core import limits

CIDR = "10.64.0.0/16"
"""Ours: a range that few companies use, because nothing of the VPC is routed to another network."""
ZONES = 2
NOWHERE = "interlock.invalid"
"""The first entry of a list, which may not be empty; RFC 2606 keeps the name from existing."""
SERVICES = ("s3", "secretsmanager", "execute-api", "sts")
"""What the runtime of a step calls: state, secrets, the runtime API, and who it is."""


@dataclass(frozen=True)
class StepNetwork:
    """Where the functions of steps are attached, and which lists publishing extends."""

    subnets: Sequence[str]
    security_group: str
    domain_list: str
    domain_list_arn: str
    rule_group: str


class Network(DeploymentStack):
    """VPC, firewalls, and the lists of hosts."""

    def __init__(self, scope: Construct, name: str, **fields: object) -> None:
        """Make the stack."""
        super().__init__(scope, name, **fields)
        self.vpc = ec2.CfnVPC(self, "Vpc", cidr_block=CIDR, enable_dns_hostnames=True, enable_dns_support=True)
        self.policy, declared_rules = self._policy()
        self.gateway = ec2.CfnInternetGateway(self, "Gateway")
        attached = ec2.CfnVPCGatewayAttachment(
            self, "Attachment", vpc_id=self.vpc.ref, internet_gateway_id=self.gateway.ref
        )
        subnets = [self._zone(number, attached) for number in range(ZONES)]
        group = ec2.CfnSecurityGroup(
            self,
            "Steps",
            vpc_id=self.vpc.ref,
            group_description="Functions of steps: nothing comes in, TCP goes out to the firewall",
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp", from_port=1, to_port=65535, cidr_ip="0.0.0.0/0", description="To the firewall"
                )
            ],
        )
        declared = self._names()
        self._flow_log()
        self.steps = StepNetwork(
            subnets=[subnet.ref for subnet in subnets],
            security_group=group.ref,
            domain_list=declared.attr_id,
            domain_list_arn=declared.attr_arn,
            rule_group=declared_rules.attr_rule_group_arn,
        )
        CfnOutput(self, "Subnets", value=Fn.join(",", list(self.steps.subnets)))
        CfnOutput(self, "SecurityGroup", value=group.ref)

    def _policy(self) -> tuple[nfw.CfnFirewallPolicy, nfw.CfnRuleGroup]:
        """TLS and HTTP to the names of two lists; everything else is dropped."""
        own = self._rules("Platform", [f"{service}.{self.region}.{self.url_suffix}" for service in SERVICES])
        declared = self._rules("Declared", [NOWHERE])
        references = [
            nfw.CfnFirewallPolicy.StatefulRuleGroupReferenceProperty(
                resource_arn=group.attr_rule_group_arn, priority=at
            )
            for at, group in enumerate((own, declared), start=1)
        ]
        policy = nfw.CfnFirewallPolicy(
            self,
            "Policy",
            firewall_policy_name="interlock-steps",
            firewall_policy=nfw.CfnFirewallPolicy.FirewallPolicyProperty(
                stateless_default_actions=["aws:forward_to_sfe"],
                stateless_fragment_default_actions=["aws:drop"],
                stateful_engine_options=nfw.CfnFirewallPolicy.StatefulEngineOptionsProperty(rule_order="STRICT_ORDER"),
                stateful_default_actions=["aws:drop_established", "aws:alert_established"],
                stateful_rule_group_references=references,
            ),
        )
        return policy, declared

    def _rules(self, name: str, hosts: Sequence[str]) -> nfw.CfnRuleGroup:
        """A list of names; those of the platform match what is below them, such as a bucket, too."""
        targets = [host if host == NOWHERE else f".{host}" for host in hosts]
        source = nfw.CfnRuleGroup.RulesSourceListProperty(
            generated_rules_type="ALLOWLIST", target_types=["TLS_SNI", "HTTP_HOST"], targets=targets
        )
        return nfw.CfnRuleGroup(
            self,
            name,
            rule_group_name=f"interlock-{name.lower()}",
            type="STATEFUL",
            capacity=limits.NETWORK_HOSTS,
            rule_group=nfw.CfnRuleGroup.RuleGroupProperty(
                rules_source=nfw.CfnRuleGroup.RulesSourceProperty(rules_source_list=source),
                stateful_rule_options=nfw.CfnRuleGroup.StatefulRuleOptionsProperty(rule_order="STRICT_ORDER"),
            ),
        )

    def _zone(self, number: int, attached: ec2.CfnVPCGatewayAttachment) -> ec2.CfnSubnet:
        """The subnets and routes of a zone; the subnet of steps."""
        public, wall, steps = (self._subnet(number, kind) for kind in ("Public", "Firewall", "Steps"))
        # One firewall a zone: the endpoints of one with several have no order that a template could rely on.
        firewall = nfw.CfnFirewall(
            self,
            f"Firewall{number}",
            firewall_name=f"interlock-steps-{number}",
            firewall_policy_arn=self.policy.attr_firewall_policy_arn,
            vpc_id=self.vpc.ref,
            subnet_mappings=[nfw.CfnFirewall.SubnetMappingProperty(subnet_id=wall.ref)],
            delete_protection=True,
        )
        self._firewall_log(number, firewall)
        endpoint = Fn.select(1, Fn.split(":", Fn.select(0, firewall.attr_endpoint_ids)))
        address = ec2.CfnEIP(self, f"Address{number}", domain="vpc")
        address.add_dependency(attached)
        nat = ec2.CfnNatGateway(self, f"Nat{number}", subnet_id=public.ref, allocation_id=address.attr_allocation_id)
        self._routes(f"Steps{number}", steps, {"0.0.0.0/0": {"vpc_endpoint_id": endpoint}})
        self._routes(f"Firewall{number}", wall, {"0.0.0.0/0": {"nat_gateway_id": nat.ref}})
        # Answers pass the firewall that saw the question: it drops what it did not see begin.
        back = {"0.0.0.0/0": {"gateway_id": self.gateway.ref}, _cidr(number, "Steps"): {"vpc_endpoint_id": endpoint}}
        self._routes(f"Public{number}", public, back)
        return steps

    def _subnet(self, number: int, kind: str) -> ec2.CfnSubnet:
        return ec2.CfnSubnet(
            self,
            f"{kind}Subnet{number}",
            vpc_id=self.vpc.ref,
            cidr_block=_cidr(number, kind),
            availability_zone=Fn.select(number, Fn.get_azs()),
            map_public_ip_on_launch=False,
        )

    def _routes(self, name: str, subnet: ec2.CfnSubnet, routes: dict[str, dict[str, str]]) -> None:
        table = ec2.CfnRouteTable(self, f"{name}Table", vpc_id=self.vpc.ref)
        ec2.CfnSubnetRouteTableAssociation(self, f"{name}Link", route_table_id=table.ref, subnet_id=subnet.ref)
        for at, (cidr, target) in enumerate(routes.items()):
            ec2.CfnRoute(
                self, f"{name}Route{at}", route_table_id=table.ref, destination_cidr_block=cidr, **target
            ).add_dependency(table)

    def _names(self) -> resolver.CfnFirewallDomainList:
        """Names that resolve: the platform's services and declared hosts. Every other one does not exist."""
        own = [f"*.{service}.{self.region}.{self.url_suffix}" for service in SERVICES]
        own += [name.removeprefix("*.") for name in own]
        lists = [
            resolver.CfnFirewallDomainList(self, name, name=f"interlock-{name.lower()}", domains=domains)
            for name, domains in (("OwnNames", own), ("DeclaredNames", [NOWHERE]), ("AllNames", ["*"]))
        ]
        rules = [
            resolver.CfnFirewallRuleGroup.FirewallRuleProperty(
                action="ALLOW",
                firewall_domain_list_id=one.attr_id,
                # A host that is permitted may be an alias of one that nobody declared.
                firewall_domain_redirection_action="TRUST_REDIRECTION_DOMAIN",
                priority=at,
            )
            for at, one in enumerate(lists[:2], start=1)
        ]
        rules.append(
            resolver.CfnFirewallRuleGroup.FirewallRuleProperty(
                action="BLOCK", block_response="NXDOMAIN", firewall_domain_list_id=lists[2].attr_id, priority=len(lists)
            )
        )
        group = resolver.CfnFirewallRuleGroup(self, "Names", name="interlock-names", firewall_rules=rules)
        resolver.CfnFirewallRuleGroupAssociation(
            self,
            "NamesLink",
            firewall_rule_group_id=group.attr_id,
            vpc_id=self.vpc.ref,
            priority=200,
            mutation_protection="ENABLED",
        )
        return lists[1]

    def _firewall_log(self, number: int, firewall: nfw.CfnFirewall) -> None:
        group = self._log(f"Alerts{number}", f"/interlock/network/alerts-{number}")
        nfw.CfnLoggingConfiguration(
            self,
            f"Logging{number}",
            firewall_arn=firewall.attr_firewall_arn,
            logging_configuration=nfw.CfnLoggingConfiguration.LoggingConfigurationProperty(
                log_destination_configs=[
                    nfw.CfnLoggingConfiguration.LogDestinationConfigProperty(
                        log_type="ALERT",
                        log_destination_type="CloudWatchLogs",
                        log_destination={"logGroup": group.log_group_name},
                    )
                ]
            ),
        )

    def _flow_log(self) -> None:
        group = self._log("Flows", "/interlock/network/flows")
        writes = Allow(
            ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], [f"{group.log_group_arn}"]
        )
        writer = role(self, "FlowRole", "interlock-network-flows", "vpc-flow-logs", [writes])
        ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=self.vpc.ref,
            resource_type="VPC",
            traffic_type="REJECT",
            log_group_name=group.log_group_name,
            deliver_logs_permission_arn=writer.role_arn,
        )

    def _log(self, name: str, physical: str) -> logs.LogGroup:
        retention = logs.RetentionDays.THREE_MONTHS
        return logs.LogGroup(
            self, name, log_group_name=physical, retention=retention, removal_policy=RemovalPolicy.DESTROY
        )


def _cidr(number: int, kind: str) -> str:
    """Steps have 4,091 addresses a zone: their functions share interfaces, by subnet and security group."""
    starts = {"Steps": f"10.64.{16 * number}.0/20", "Firewall": f"10.64.{128 + number}.0/28"}
    return starts.get(kind, f"10.64.{144 + number}.0/28")
