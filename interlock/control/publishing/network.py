"""The network of steps, where the operator turned it on: a version opens it to its declared hosts (ADR 0029).

The lists are the deployment's: what one app declares, the network lets every app reach, and the SDK holds each app to
its own. A host stays when its version goes, because another one may need it.
"""

from collections.abc import Iterable

from interlock.aws.services import network
from interlock.aws.tables.table import retry_conflicts
from interlock.contract.core.finding import Finding
from interlock.contract.core.settings import PublishSettings
from interlock.contract.manifest import MANIFEST

EVERY_HOST = "*"


def open_network(egress: Iterable[str], settings: PublishSettings) -> None:
    """Let the hosts of a version through; nothing where the deployment has no network of its own.

    Raises:
        Conflict: the lists are full, or others change them all the time.
    """
    hosts = hosts_of(egress)
    if not settings.domain_list or not hosts:
        return
    where = settings.rule_group
    retry_conflicts(lambda: network.add_names(settings.domain_list, hosts), "the list of names", where)
    targets = [host.removeprefix("*") for host in hosts]
    retry_conflicts(lambda: network.add_targets(settings.rule_group, targets), "the list of hosts", where)


def hosts_of(egress: Iterable[str]) -> tuple[str, ...]:
    """The hosts of `host:port`, sorted, each once."""
    return tuple(sorted({pattern.rpartition(":")[0] for pattern in egress}))


def check_network(egress: Iterable[str], *, is_on: bool) -> tuple[Finding, ...]:
    """Refuse a version that would open the network to every host, where the deployment has a network of its own."""
    if not is_on or EVERY_HOST not in hosts_of(egress):
        return ()
    what = "this deployment's network lets steps reach declared hosts only, and the app declares every host"
    fix = "Name the hosts: `api.example.com:443`, or `*.example.com:443`."
    return (Finding(code="publish.network", where=f"{MANIFEST}#permissions.egress", what=what, fix=fix),)
