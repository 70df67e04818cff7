// The changes of a publisher and its apps, newest first.
import { answer, api } from "../api/client";
import { usePublisher } from "../session/caller";
import { Changes } from "../ui/changes";
import { usePages } from "../ui/more";

export function PublisherAudit() {
  const publisher = usePublisher();
  const query = usePages([`p/${publisher}`, "audit"], (cursor) =>
    answer(
      api.GET("/v1/publishers/{publisher}/audit", {
        params: { path: { publisher }, query: { limit: 50, ...(cursor ? { cursor } : {}) } },
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
