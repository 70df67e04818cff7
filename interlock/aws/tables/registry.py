"""The registry's table: publishers, versions, tenants, installs, memberships."""

from collections.abc import Callable, Iterator

from interlock.aws.tables.table import Key, Table
from interlock.contract.core import names
from interlock.contract.core.base import Model
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.registry import App, Install, Membership, Publisher, Tenant, Version


class StoredVersion(Model):
    """A version with the revision that it was read at."""

    version: Version
    rev: int


class StoredApp(Model):
    """An app with the revision that it was read at; 0 where nothing of it was listed yet."""

    app: App
    rev: int


class InstallOfApp(Model):
    """Which install of a tenant holds an app: one at a time."""

    install: str


class Holder(Model):
    """Which publisher holds a domain."""

    holder: str


class StoredInstall(Model):
    """An install with the revision that it was read at."""

    install: Install
    rev: int


def version_item(app: str, version: str) -> Key:
    """Where a version is."""
    return version_item_by_key(names.version_key(app, version))


def version_item_by_key(key: str) -> Key:
    """Where a version is, by the key that its machines are named with."""
    return Key(pk=f"VER#{key}", sk="META")


def install_item(tenant: str, install: str) -> Key:
    """Where an install is."""
    return Key(pk=f"TEN#{tenant}", sk=f"INS#{install}")


class Registry:
    """The registry; only the platform's functions touch it."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def create_publisher(self, publisher: Publisher) -> None:
        """Write a new publisher; Conflict where it exists."""
        self.table.put(Key(pk=f"PUB#{publisher.id}", sk="META"), publisher, rev=0)

    def publisher(self, publisher: str) -> Publisher:
        """Read a publisher; NotFound where there is none."""
        row = self.table.get(Key(pk=f"PUB#{publisher}", sk="META"))
        if row is None:
            raise NotFound(f"no publisher {publisher}", next_step=f"interlock publisher create {publisher}")
        return row.read(Publisher)

    def change_publisher(self, publisher: str, change: Callable[[Publisher], Publisher]) -> Publisher:
        """Change a publisher by what it is; as it is then.

        Raises:
            NotFound: there is none.
            Conflict: somebody else wrote it meanwhile.
        """
        key = Key(pk=f"PUB#{publisher}", sk="META")
        after = change(self.publisher(publisher))
        row = self.table.get(key)
        self.table.put(key, after, rev=row.rev if row else 0)
        return after

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
        self.table.put(
            Key(pk=f"TEN#{tenant.id}", sk="META"), tenant, rev=0, extra={"gsi1pk": "TENANTS", "gsi1sk": tenant.id}
        )

    def write_tenant(self, tenant: Tenant) -> None:
        """Write a tenant over the one that is there."""
        self.table.put(Key(pk=f"TEN#{tenant.id}", sk="META"), tenant, extra={"gsi1pk": "TENANTS", "gsi1sk": tenant.id})

    def tenant(self, tenant: str) -> Tenant:
        """Read a tenant; NotFound where there is none."""
        row = self.table.get(Key(pk=f"TEN#{tenant}", sk="META"))
        if row is None:
            raise NotFound(f"no tenant {tenant}", code="unknown-tenant", next_step=f"interlock tenant create {tenant}")
        return row.read(Tenant)

    def tenants(self) -> Iterator[Tenant]:
        """Every tenant."""
        for row in self.table.query_all("TENANTS", index="gsi1"):
            yield row.read(Tenant)

    def join(self, membership: Membership) -> None:
        """Make a principal a member."""
        key = Key(pk=f"PRINCIPAL#{membership.principal}", sk=membership.scope)
        self.table.put(key, membership, extra={"gsi1pk": f"MEMBERS#{membership.scope}", "gsi1sk": membership.principal})

    def memberships(self, principal: str) -> list[Membership]:
        """What a principal is a member of."""
        return [row.read(Membership) for row in self.table.query_all(f"PRINCIPAL#{principal}")]

    def members(self, scope: str) -> list[Membership]:
        """Who is a member of `tenant/ID` or `publisher/ID`."""
        return [row.read(Membership) for row in self.table.query_all(f"MEMBERS#{scope}", index="gsi1")]

    def leave(self, membership: Membership) -> None:
        """Make a principal no member any more."""
        self.table.delete(Key(pk=f"PRINCIPAL#{membership.principal}", sk=membership.scope))

    def write_version(self, stored: StoredVersion) -> None:
        """Write a version (rev 0: a new one); Conflict where somebody was first."""
        version = stored.version
        extra: dict[str, str | int] = {"gsi1pk": f"APP#{version.app}", "gsi1sk": f"VER#{version.version}"}
        self.table.put(version_item(version.app, version.version), version, rev=stored.rev, extra=extra)

    def version(self, app: str, version: str) -> StoredVersion:
        """Read a version; NotFound where there is none."""
        row = self.table.get(version_item(app, version))
        if row is None:
            raise NotFound(f"no version {app}@{version}", next_step=f"interlock app versions {app}")
        return StoredVersion(version=row.read(Version), rev=row.rev)

    def versions(self, app: str, limit: int, cursor: str | None) -> tuple[list[Version], str | None]:
        """One page of an app's versions, and where the next one begins."""
        page = self.table.query(f"APP#{app}", "VER#", index="gsi1", limit=limit, cursor=cursor)
        return [row.read(Version) for row in page.rows], page.cursor

    def app(self, app: str) -> StoredApp:
        """Read an app and its releases; an empty one where nothing was listed."""
        row = self.table.get(Key(pk=f"APP#{app}", sk="META"))
        return StoredApp(app=row.read(App), rev=row.rev) if row else StoredApp(app=App(id=app), rev=0)

    def write_app(self, stored: StoredApp) -> None:
        """Write an app that was read; Conflict where somebody was first."""
        self.table.put(Key(pk=f"APP#{stored.app.id}", sk="META"), stored.app, rev=stored.rev)

    def write_install(self, stored: StoredInstall) -> None:
        """Write an install (rev 0: a new one); Conflict where somebody was first."""
        install = stored.install
        extra: dict[str, str | int] = {"gsi1pk": f"APP#{install.app}", "gsi1sk": f"INS#{install.id}"}
        self.table.put(install_item(install.tenant, install.id), install, rev=stored.rev, extra=extra)

    def install(self, tenant: str, install: str) -> StoredInstall:
        """Read an install; NotFound where the tenant has none of that id."""
        row = self.table.get(install_item(tenant, install))
        if row is None:
            raise NotFound(f"no install {install}", where=f"tenant {tenant}", next_step="interlock install list")
        return StoredInstall(install=row.read(Install), rev=row.rev)

    def installs(self, tenant: str, *, gone: bool = False) -> list[Install]:
        """Every install of a tenant; removed and deleted ones where they are asked for."""
        found = [row.read(Install) for row in self.table.query_all(f"TEN#{tenant}", "INS#")]
        return [install for install in found if gone or not install.status.gone]

    def installs_page(self, tenant: str, limit: int, cursor: str | None) -> tuple[list[Install], str | None]:
        """One page of a tenant's installs, removed ones too, and where the next one begins."""
        page = self.table.query(f"TEN#{tenant}", "INS#", limit=limit, cursor=cursor)
        return [row.read(Install) for row in page.rows], page.cursor

    def installs_of_app(self, app: str, limit: int, cursor: str | None) -> tuple[list[Install], str | None]:
        """One page of an app's installs, of every tenant, removed ones too, and where the next one begins."""
        page = self.table.query(f"APP#{app}", "INS#", index="gsi1", limit=limit, cursor=cursor)
        return [row.read(Install) for row in page.rows], page.cursor

    def install_of_app(self, tenant: str, app: str) -> Install | None:
        """The tenant's install of an app, if it has one that is not removed."""
        row = self.table.get(_holder(tenant, app))
        found = self.table.get(install_item(tenant, row.read(InstallOfApp).install)) if row else None
        install = found.read(Install) if found else None
        return None if install is None or install.status.gone else install

    def hold_app(self, tenant: str, app: str, install: str) -> str:
        """Let an install hold its app in a tenant, if no other one does.

        Returns:
            The install that holds it: this one, or one that was first.
        """
        row = self.table.get(_holder(tenant, app))
        if row is not None:
            holder = row.read(InstallOfApp).install
            found = self.table.get(install_item(tenant, holder))
            # No item: whoever took it ended before writing one, and this request goes on from there.
            if found is None or not found.read(Install).status.gone or holder == install:
                return holder
        self.table.put(_holder(tenant, app), InstallOfApp(install=install), rev=row.rev if row else 0)
        return install


def _holder(tenant: str, app: str) -> Key:
    return Key(pk=f"TEN#{tenant}", sk=f"APP#{app}")
