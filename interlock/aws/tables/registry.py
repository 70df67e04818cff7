"""The registry's table: publishers, versions, tenants, installs, memberships."""

from collections.abc import Callable, Iterator

from interlock.aws.tables.batches import KEYS_PER_READ
from interlock.aws.tables.table import Key, Row, Stored, Table, batch_get
from interlock.contract.core import names
from interlock.contract.core.base import Model, default_install_name
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.directory import PublishedApp
from interlock.contract.registry import App, Install, Membership, Publisher, Tenant, Version


class InstallOfApp(Model):
    """Which install of a tenant holds a name among those of an app: one at a time."""

    install: str


class Holder(Model):
    """Which publisher holds a domain."""

    holder: str


def membership_item(principal: str, scope: str) -> Key:
    """Where a principal's membership of a scope is."""
    return Key(pk=f"PRINCIPAL#{principal}", sk=scope)


def version_item(app: str, version: str) -> Key:
    """Where a version is."""
    return version_item_by_key(names.version_key(app, version))


def version_item_by_key(key: str) -> Key:
    """Where a version is, by the key that its machines are named with."""
    return Key(pk=f"VER#{key}", sk="META")


def install_item(tenant: str, install: str) -> Key:
    """Where an install is."""
    return Key(pk=f"TEN#{tenant}", sk=f"INS#{install}")


def tenant_item(tenant: str) -> Key:
    """Where a tenant is."""
    return Key(pk=f"TEN#{tenant}", sk="META")


class Registry:
    """The registry; only the platform's functions touch it."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def create_publisher(self, publisher: Publisher) -> None:
        """Write a new publisher; Conflict where it exists."""
        key = Key(pk=f"PUB#{publisher.id}", sk="META")
        self.table.put(key, publisher, rev=0, extra=_publisher_index(publisher, None))

    def publishers(self, limit: int, cursor: str | None) -> tuple[list[Publisher], str | None]:
        """One page of publishers, and where the next one begins."""
        page = self.table.query("PUBLISHERS", index="gsi1", limit=limit, cursor=cursor)
        return [row.read(Publisher) for row in page.rows], page.cursor

    def keep_app(self, app: PublishedApp) -> None:
        """Let an app be among its publisher's, whatever becomes of its versions."""
        publisher, _, name = app.app.partition("/")
        self.table.put(Key(pk=f"PUB#{publisher}", sk=f"APP#{name}"), app)

    def apps(self, publisher: str, limit: int, cursor: str | None) -> tuple[list[PublishedApp], str | None]:
        """One page of a publisher's apps, and where the next one begins."""
        page = self.table.query(f"PUB#{publisher}", "APP#", limit=limit, cursor=cursor)
        return [row.read(PublishedApp) for row in page.rows], page.cursor

    def publisher(self, publisher: str) -> Publisher:
        """Read a publisher; NotFound where there is none."""
        row = self.table.get(Key(pk=f"PUB#{publisher}", sk="META"))
        if row is None:
            raise _no_publisher(publisher)
        return row.read(Publisher)

    def change_publisher(self, publisher: str, change: Callable[[Publisher], Publisher]) -> Publisher:
        """Change a publisher (`Table.change`).

        Raises:
            NotFound: there is no such publisher.
            Conflict: too many callers change it at the same time.
        """
        key = Key(pk=f"PUB#{publisher}", sk="META")
        absent = _no_publisher(publisher)
        return self.table.change(key, Publisher, change, absent=absent, extra=_publisher_index, what="the publisher")

    def hold_domain(self, domain: str, publisher: str) -> str:
        """Let a publisher hold a domain, if no other one does; who holds it."""
        key = Key(pk=f"DOMAIN#{domain}", sk="META")
        try:
            self.table.put(key, Holder(holder=publisher), rev=0)
        except Conflict:
            row = self.table.get(key)
            return row.read(Holder).holder if row else publisher
        return publisher

    def create_tenant(self, tenant: Tenant) -> None:
        """Write a new tenant; Conflict where it exists."""
        self.table.put(tenant_item(tenant.id), tenant, rev=0, extra={"gsi1pk": "TENANTS", "gsi1sk": tenant.id})

    def change_tenant(self, tenant: str, change: Callable[[Tenant], Tenant | None]) -> Tenant:
        """Change a tenant (`Table.change`).

        Raises:
            NotFound: there is no such tenant.
            Conflict: too many callers change it at the same time.
        """
        key = tenant_item(tenant)
        absent = _no_tenant(tenant)
        return self.table.change(key, Tenant, change, absent=absent, extra=_tenant_index, what="the tenant")

    def tenant(self, tenant: str) -> Tenant:
        """Read a tenant; NotFound where there is none."""
        row = self.table.get(tenant_item(tenant))
        if row is None:
            raise _no_tenant(tenant)
        return row.read(Tenant)

    def tenants(self) -> Iterator[Tenant]:
        """Every tenant."""
        for row in self.table.query_all("TENANTS", index="gsi1"):
            yield row.read(Tenant)

    def tenants_page(self, limit: int, cursor: str | None) -> tuple[list[Tenant], str | None]:
        """One page of tenants, and where the next one begins."""
        page = self.table.query("TENANTS", index="gsi1", limit=limit, cursor=cursor)
        return [row.read(Tenant) for row in page.rows], page.cursor

    def join(self, membership: Membership) -> None:
        """Make a principal a member."""
        key = membership_item(membership.principal, membership.scope)
        self.table.put(key, membership, extra={"gsi1pk": f"MEMBERS#{membership.scope}", "gsi1sk": membership.principal})

    def memberships(self, principal: str) -> list[Membership]:
        """What a principal is a member of."""
        return [row.read(Membership) for row in self.table.query_all(f"PRINCIPAL#{principal}")]

    def members(self, scope: str) -> list[Membership]:
        """Who is a member of `tenant/ID` or `publisher/ID`."""
        return [row.read(Membership) for row in self.table.query_all(f"MEMBERS#{scope}", index="gsi1")]

    def remove_membership(self, membership: Membership) -> None:
        """Make a principal no member any more."""
        self.table.delete(membership_item(membership.principal, membership.scope))

    def write_version(self, stored: Stored[Version]) -> None:
        """Write a version (rev 0: a new one); Conflict where somebody was first."""
        version = stored.item
        key = version_item(version.app, version.version)
        self.table.put(key, version, rev=stored.rev, extra=_version_index(version, None))

    def change_version(self, app: str, version: str, change: Callable[[Version], Version | None]) -> Version:
        """Change a version (`Table.change`).

        Raises:
            NotFound: there is no such version.
            Conflict: too many callers change it at the same time.
        """
        key = version_item(app, version)
        absent = _no_version(app, version)
        return self.table.change(key, Version, change, absent=absent, extra=_version_index, what="the version")

    def version(self, app: str, version: str) -> Stored[Version]:
        """Read a version; NotFound where there is none."""
        row = self.table.get(version_item(app, version))
        if row is None:
            raise _no_version(app, version)
        return Stored(item=row.read(Version), rev=row.rev)

    def versions(self, app: str, limit: int, cursor: str | None) -> tuple[list[Version], str | None]:
        """One page of an app's versions, and where the next one begins."""
        page = self.table.query(f"APP#{app}", "VER#", index="gsi1", limit=limit, cursor=cursor)
        return [row.read(Version) for row in page.rows], page.cursor

    def app(self, app: str) -> Stored[App]:
        """Read an app and its releases; an empty one where nothing was listed."""
        row = self.table.get(Key(pk=f"APP#{app}", sk="META"))
        return Stored(item=row.read(App), rev=row.rev) if row else Stored(item=App(id=app), rev=0)

    def change_app(self, app: str, change: Callable[[App], App | None]) -> App:
        """Change an app, from an empty one where nothing was listed (`Table.change`).

        Raises:
            Conflict: too many callers change it at the same time.
        """
        return self.table.change(Key(pk=f"APP#{app}", sk="META"), App, change, absent=App(id=app), what="the app")

    def write_install(self, stored: Stored[Install]) -> None:
        """Write an install (rev 0: a new one); Conflict where somebody was first."""
        install = stored.item
        key = install_item(install.tenant, install.id)
        self.table.put(key, install, rev=stored.rev, extra=_install_index(install, None))

    def change_install(self, tenant: str, install: str, change: Callable[[Install], Install | None]) -> Install:
        """Change an install (`Table.change`).

        Raises:
            NotFound: the tenant has no such install.
            Conflict: too many callers change it at the same time.
        """
        key = install_item(tenant, install)
        absent = _no_install(tenant, install)
        return self.table.change(key, Install, change, absent=absent, extra=_install_index, what="the install")

    def install(self, tenant: str, install: str) -> Stored[Install]:
        """Read an install; NotFound where the tenant has none of that id."""
        return self.table.find(install_item(tenant, install), Install, _no_install(tenant, install))

    def has_install(self, tenant: str, install: str) -> bool:
        """Whether a tenant has, or had, an install of that id."""
        return self.table.get(install_item(tenant, install)) is not None

    def installs(self, tenant: str, *, gone: bool = False) -> list[Install]:
        """Every install of a tenant; removed and deleted ones where they are asked for."""
        rows = [row.read(Install) for row in self.table.query_all(f"TEN#{tenant}", "INS#")]
        return [install for install in rows if gone or not install.status.gone]

    def installs_page(self, tenant: str, limit: int, cursor: str | None) -> tuple[list[Install], str | None]:
        """One page of a tenant's installs, removed ones too, and where the next one begins."""
        page = self.table.query(f"TEN#{tenant}", "INS#", limit=limit, cursor=cursor)
        return [row.read(Install) for row in page.rows], page.cursor

    def installs_of_app(self, app: str, limit: int, cursor: str | None) -> tuple[list[Install], str | None]:
        """One page of an app's installs, of every tenant, removed ones too, and where the next one begins."""
        page = self.table.query(f"APP#{app}", "INS#", index="gsi1", limit=limit, cursor=cursor)
        return [row.read(Install) for row in page.rows], page.cursor

    def tenant_installs_of_app(self, tenant: str, app: str) -> list[Install]:
        """The tenant's installs of an app that are not removed: by name, the one that is named like the app first."""
        first = _holder(tenant, app, default_install_name({"app": app}))
        rows = self.table.query_all(first.pk, first.sk)
        # Names of other apps may begin like this one's.
        holders = [row for row in rows if row.key.sk == first.sk or row.key.sk.startswith(f"{first.sk}#")]
        keys = [install_item(tenant, row.read(InstallOfApp).install) for row in holders]
        installs: list[Install] = []
        for start in range(0, len(keys), KEYS_PER_READ):
            batch = batch_get({self.table.name: keys[start : start + KEYS_PER_READ]})
            installs += [row.read(Install) for row in batch.values()]
        current = (install for install in installs if install.app == app and not install.status.gone)
        return sorted(current, key=lambda install: (not install.has_default_name, install.name))

    def hold_name(self, tenant: str, app: str, name: str, install: str) -> str:
        """Let an install hold a name among a tenant's installs of an app, if no other one does.

        Returns:
            The install that holds it: this one, or one that was first.
        """
        key = _holder(tenant, app, name)
        row = self.table.get(key)
        if row is not None:
            holder = row.read(InstallOfApp).install
            current = self.table.get(install_item(tenant, holder))
            # No item: whoever took it ended before writing one, and this request goes on from there.
            if current is None or not current.read(Install).status.gone or holder == install:
                return holder
        self.table.put(key, InstallOfApp(install=install), rev=row.rev if row else 0)
        return install


def _no_tenant(tenant: str) -> NotFound:
    return NotFound(
        f"tenant {tenant} does not exist",
        code="unknown-tenant",
        next_step=f"interlock tenant list shows those that do; interlock tenant create {tenant} creates it.",
    )


def _tenant_index(tenant: Tenant, _row: Row | None) -> dict[str, str | int]:
    return {"gsi1pk": "TENANTS", "gsi1sk": tenant.id}


def _publisher_index(publisher: Publisher, _row: Row | None) -> dict[str, str | int]:
    return {"gsi1pk": "PUBLISHERS", "gsi1sk": publisher.id}


def _no_publisher(publisher: str) -> NotFound:
    return NotFound(
        f"publisher {publisher} does not exist",
        code="unknown-publisher",
        next_step=f"interlock publisher list shows those that do; interlock publisher create {publisher} creates it.",
    )


def _no_version(app: str, version: str) -> NotFound:
    return NotFound(f"version {version} of {app} does not exist", next_step=f"interlock app versions {app}")


def _no_install(tenant: str, install: str) -> NotFound:
    return NotFound(f"install {install} does not exist", where=f"tenant {tenant}", next_step="interlock install list")


def _version_index(version: Version, _row: Row | None) -> dict[str, str | int]:
    return {"gsi1pk": f"APP#{version.app}", "gsi1sk": f"VER#{version.version}"}


def _install_index(install: Install, _row: Row | None) -> dict[str, str | int]:
    return {"gsi1pk": f"APP#{install.app}", "gsi1sk": f"INS#{install.id}"}


def _holder(tenant: str, app: str, name: str) -> Key:
    """Where the holder of a name is: that of the app's own name has the key from when an app had one install."""
    others = "" if name == default_install_name({"app": app}) else f"#{name}"
    return Key(pk=f"TEN#{tenant}", sk=f"APP#{app}{others}")
