// The changes of a tenant, newest first.
import { answer, api } from "../api/client";
import { useTenant } from "../session/caller";
import { Changes } from "../ui/changes";
import { usePages } from "../ui/more";

export function TenantAudit() {
  const tenant = useTenant();
  const query = usePages([tenant, "audit"], (cursor) =>
    answer(
      api.GET("/v1/tenants/{tenant}/audit", {
        params: { path: { tenant }, query: { limit: 50, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <div className="stack">
      <h1>Audit</h1>
      <Changes query={query} />
    </div>
  );
}
