// The changes of the platform, newest first.
import { answer, api } from "../api/client";
import { Changes } from "../ui/changes";
import { usePages } from "../ui/more";

export function PlatformAudit() {
  const query = usePages(["platform", "audit"], (cursor) =>
    answer(api.GET("/v1/audit", { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } })),
  );
  return (
    <div className="stack">
      <h1>Audit</h1>
      <Changes query={query} />
    </div>
  );
}
