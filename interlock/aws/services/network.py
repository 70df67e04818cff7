"""The lists of hosts that the network of steps lets through: DNS Firewall's and Network Firewall's."""

from collections.abc import Sequence

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.contract.core import limits
from interlock.contract.core.failure import Conflict, WriteConflict

PER_CALL = 1_000
"""https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_UpdateFirewallDomains.html"""


def add_names(domain_list: str, names: Sequence[str]) -> None:
    """Let names resolve; those that do already are left.

    Args:
        domain_list: the id of DNS Firewall's list.
        names: `api.example.com`, or `*.example.com` for all below it.

    Raises:
        WriteConflict: the list is being changed.
        Conflict: the list is full.
    """
    paginator = client("route53resolver").get_paginator("list_firewall_domains")
    present = {
        name.rstrip(".") for page in paginator.paginate(FirewallDomainListId=domain_list) for name in page["Domains"]
    }
    absent = [name for name in names if name not in present]
    _refuse_full(len(present) + len(absent), domain_list)
    for at in range(0, len(absent), PER_CALL):
        try:
            client("route53resolver").update_firewall_domains(
                FirewallDomainListId=domain_list, Operation="ADD", Domains=absent[at : at + PER_CALL]
            )
        except ClientError as error:
            raise _changing(error, "ConflictException", domain_list) from error


def add_targets(rule_group: str, targets: Sequence[str]) -> None:
    """Let TLS and HTTP to hosts through the firewall; those that it lets through already are left.

    Args:
        rule_group: the ARN of Network Firewall's rule group.
        targets: `api.example.com`, or `.example.com` for it and all below it.

    Raises:
        WriteConflict: somebody else changed the rule group since it was read.
        Conflict: it is full.
    """
    current = client("network-firewall").describe_rule_group(RuleGroupArn=rule_group, Type="STATEFUL")
    source = current["RuleGroup"]["RulesSource"]["RulesSourceList"]
    absent = [target for target in targets if target not in source["Targets"]]
    if not absent:
        return
    _refuse_full(len(source["Targets"]) + len(absent), rule_group)
    source["Targets"] = [*source["Targets"], *absent]
    try:
        client("network-firewall").update_rule_group(
            UpdateToken=current["UpdateToken"], RuleGroupArn=rule_group, Type="STATEFUL", RuleGroup=current["RuleGroup"]
        )
    except ClientError as error:
        raise _changing(error, "InvalidTokenException", rule_group) from error


def _refuse_full(count: int, where: str) -> None:
    if count > limits.NETWORK_HOSTS:
        raise Conflict(
            f"the network of steps would let {count:,} hosts through, and may {limits.NETWORK_HOSTS:,}",
            where=where,
            code="network-full",
            next_step="Ask the operator to remove hosts that no version declares any more (docs/aws.md).",
        )


def _changing(error: ClientError, code: str, where: str) -> Exception:
    if error.response.get("Error", {}).get("Code") != code:
        return error
    return WriteConflict(
        "another publication changes the hosts of the network",
        where=where,
        code="network-changing",
        next_step="Try again.",
    )
