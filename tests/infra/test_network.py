"""The optional network of steps: off unless the operator says so; on, a firewall is the one way out."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import aws_cdk as cdk
import pytest
from cfnlint import lint

from infra.deploy_roles import NETWORK_ACTIONS
from infra.target import of_context
from interlock.compiler.template import INTERFACES, version_template
from interlock.contract.core import limits
from tests.support.every_state_bundle import plan
from tests.support.resource_schemas import NETWORK

Resources = dict[str, dict[str, Any]]
IGNORED = {"W3005"}


@pytest.fixture(scope="module")
def templates(with_options: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What `cdk deploy -c interlock:network=on` deploys; the synthesis itself asks cdk-nag."""
    return with_options


@pytest.fixture(scope="module")
def resources(templates: dict[str, dict[str, Any]]) -> Resources:
    """The resources of the network's stack."""
    return templates["interlock-network"]["Resources"]


def of_kind(resources: Resources, kind: str) -> Resources:
    return {name: row["Properties"] for name, row in resources.items() if row["Type"] == kind}


def routes(resources: Resources, kind: str, zone: int) -> dict[str, str]:
    """Where packets of a subnet go: the kind of resource, and the zone, by destination."""
    tables = {
        row["SubnetId"]["Ref"]: row["RouteTableId"]["Ref"]
        for row in of_kind(resources, "AWS::EC2::SubnetRouteTableAssociation").values()
    }
    table = tables[f"{kind}Subnet{zone}"]
    result: dict[str, str] = {}
    for row in of_kind(resources, "AWS::EC2::Route").values():
        if row["RouteTableId"]["Ref"] == table:
            (target,) = (row[name] for name in ("VpcEndpointId", "NatGatewayId", "GatewayId") if name in row)
            result[row["DestinationCidrBlock"]] = json.dumps(target)
    return result


def test_it_is_off_unless_the_operator_turns_it_on(aws: dict[str, dict[str, Any]]) -> None:
    assert "interlock-network" not in aws
    every = json.dumps(aws)
    assert "ec2:" not in every and "network-firewall:" not in every and "VpcConfig" not in every
    assert not of_context(cdk.App().node).network
    with pytest.raises(ValueError, match="neither on nor off"):
        of_context(cdk.App(context={"interlock:network": "yes"}).node)


def test_the_stacks_are_what_cloudformation_takes(templates: dict[str, dict[str, Any]]) -> None:
    for template in templates.values():
        matches = lint(json.dumps(template), regions=["us-east-1", "eu-central-1"])
        assert [str(match) for match in matches if match.rule.id not in IGNORED and match.rule.id[0] != "I"] == []


@pytest.mark.parametrize("zone", [0, 1])
def test_a_firewall_is_the_one_way_out_of_the_steps_subnets(resources: Resources, zone: int) -> None:
    out = routes(resources, "Steps", zone)
    assert list(out) == ["0.0.0.0/0"] and f'"Firewall{zone}", "EndpointIds"' in out["0.0.0.0/0"]
    assert routes(resources, "Firewall", zone) == {"0.0.0.0/0": json.dumps({"Ref": f"Nat{zone}"})}
    back = routes(resources, "Public", zone)
    steps = of_kind(resources, "AWS::EC2::Subnet")[f"StepsSubnet{zone}"]["CidrBlock"]
    assert back["0.0.0.0/0"] == json.dumps({"Ref": "Gateway"})
    assert f'"Firewall{zone}", "EndpointIds"' in back[steps], "answers pass the firewall that saw the question"


def test_subnets_are_apart_and_in_the_vpc(resources: Resources) -> None:
    networks = [ipaddress.ip_network(row["CidrBlock"]) for row in of_kind(resources, "AWS::EC2::Subnet").values()]
    assert len(networks) == 6
    assert not [(one, two) for one in networks for two in networks if one is not two and one.overlaps(two)]
    assert all(str(one).startswith("10.64.") for one in networks)


def test_what_no_list_names_is_dropped(resources: Resources) -> None:
    (policy,) = of_kind(resources, "AWS::NetworkFirewall::FirewallPolicy").values()
    rules = policy["FirewallPolicy"]
    assert rules["StatefulEngineOptions"] == {"RuleOrder": "STRICT_ORDER"}
    assert "aws:drop_established" in rules["StatefulDefaultActions"]
    assert rules["StatelessDefaultActions"] == ["aws:forward_to_sfe"]
    groups = of_kind(resources, "AWS::NetworkFirewall::RuleGroup")
    sources = {name: row["RuleGroup"]["RulesSource"]["RulesSourceList"] for name, row in groups.items()}
    assert {row["GeneratedRulesType"] for row in sources.values()} == {"ALLOWLIST"}
    assert sources["Declared"]["Targets"] == ["interlock.invalid"], "publishing fills it, a deployment never changes it"
    assert sum(row["Capacity"] for row in groups.values()) <= 30_000
    assert all(row["Capacity"] == limits.NETWORK_HOSTS for row in groups.values())


def test_names_that_no_list_has_do_not_resolve(resources: Resources) -> None:
    (group,) = of_kind(resources, "AWS::Route53Resolver::FirewallRuleGroup").values()
    rules = sorted(group["FirewallRules"], key=lambda row: row["Priority"])
    assert [row["Action"] for row in rules] == ["ALLOW", "ALLOW", "BLOCK"]
    lists = of_kind(resources, "AWS::Route53Resolver::FirewallDomainList")
    assert lists[rules[-1]["FirewallDomainListId"]["Fn::GetAtt"][0]]["Domains"] == ["*"]
    (link,) = of_kind(resources, "AWS::Route53Resolver::FirewallRuleGroupAssociation").values()
    assert link["MutationProtection"] == "ENABLED"


def test_nothing_comes_in_and_no_datagram_goes_out(resources: Resources) -> None:
    (group,) = of_kind(resources, "AWS::EC2::SecurityGroup").values()
    assert "SecurityGroupIngress" not in group
    assert [row["IpProtocol"] for row in group["SecurityGroupEgress"]] == ["tcp"]


def test_publishing_may_extend_the_declared_lists_alone(templates: dict[str, dict[str, Any]]) -> None:
    roles = of_kind(templates["interlock-control"]["Resources"], "AWS::IAM::Role")
    (publish,) = (row for row in roles.values() if "route53resolver:" in json.dumps(row))
    assert "interlock-publish" in json.dumps(publish["RoleName"])
    statements = [one for policy in publish["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    granted = {
        action: json.dumps(one["Resource"])
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        if action.startswith(("route53resolver:", "network-firewall:"))
    }
    assert sorted(granted) == [
        "network-firewall:DescribeRuleGroup",
        "network-firewall:UpdateRuleGroup",
        "route53resolver:ListFirewallDomains",
        "route53resolver:UpdateFirewallDomains",
    ]
    assert all("Declared" in resource for resource in granted.values())


def test_cloudformation_may_look_at_the_network_for_a_version(templates: dict[str, dict[str, Any]]) -> None:
    assert set(NETWORK_ACTIONS) == NETWORK
    roles = of_kind(templates["interlock-control"]["Resources"], "AWS::IAM::Role")
    (deploy,) = (row for row in roles.values() if "interlock-publish-deploy" in json.dumps(row["RoleName"]))
    assert all(action in json.dumps(deploy) for action in NETWORK_ACTIONS)


def test_a_versions_functions_are_in_the_network_where_it_is_on() -> None:
    template = json.loads(version_template(plan()))
    assert template["Conditions"]["HasSubnets"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Subnets"}, ""]}]}
    functions = of_kind(template["Resources"], "AWS::Lambda::Function")
    for row in functions.values():
        condition, attached, apart = row["VpcConfig"]["Fn::If"]
        assert (condition, apart) == ("HasSubnets", {"Ref": "AWS::NoValue"})
        assert attached["SubnetIds"] == {"Fn::Split": [",", {"Ref": "Subnets"}]}
    _, (condition, network, _) = (
        row.get("Fn::If", row) for row in template["Resources"]["StepRole"]["Properties"]["Policies"]
    )
    assert condition == "HasSubnets"
    allow, deny = network["PolicyDocument"]["Statement"]
    assert (allow["Effect"], deny["Effect"]) == ("Allow", "Deny")
    assert allow["Action"] == deny["Action"] == list(INTERFACES), "the functions' own code may do none of it"
    assert len(deny["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]) == len(functions)
