// The people and machines that act for a tenant.
import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { useChange } from "../runs/queries";
import { useCan, useTenant } from "../session/caller";
import { MemberTable } from "../ui/members";
import { Shown } from "../ui/states";

export function TenantMembers() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const query = useQuery({
    queryKey: [tenant, "members"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/members", { params: { path: { tenant } } })),
  });
  const add = useChange(tenant, (body: Schemas["Invitation"]) =>
    answer(api.POST("/v1/tenants/{tenant}/members", { params: { path: { tenant } }, body })),
  );
  const remove = useChange(tenant, (member: string) =>
    answer(api.DELETE("/v1/tenants/{tenant}/members/{member}", { params: { path: { tenant, member } } })),
  );
  return (
    <div className="stack">
      <h1>Members</h1>
      <Shown query={query}>
        {(data) => (
          <MemberTable
            members={data.members}
            mayManage={can("manageMembers")}
            busy={add.isPending || remove.isPending}
            error={add.error ?? remove.error}
            onAdd={(body, done) => add.mutate(body, { onSuccess: done })}
            onRemove={(member, done) => remove.mutate(member, { onSuccess: done })}
          />
        )}
      </Shown>
    </div>
  );
}
