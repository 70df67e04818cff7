// What waits for a person, in every run of a tenant.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { POLL } from "../api/poll";
import { useLater } from "../ui/later";

export function useWaiting(tenant: string, enabled = true) {
  return useQuery({
    queryKey: [tenant, "waiting"],
    queryFn: async () => {
      const [approvals, runs] = await Promise.all([
        answer(
          api.GET("/v1/tenants/{tenant}/approvals", {
            params: { path: { tenant }, query: { status: "waiting" } },
          }),
        ),
        answer(
          api.GET("/v1/tenants/{tenant}/runs", { params: { path: { tenant }, query: { status: "paused" } } }),
        ),
      ]);
      // A run that waits for an approval is in the list by its question already.
      const asking = new Set(approvals.approvals.map((one) => one.run));
      return { approvals: approvals.approvals, runs: runs.runs.filter((one) => !asking.has(one.id)) };
    },
    enabled,
    refetchInterval: POLL.inbox,
  });
}

/** How many approvals and paused runs wait; the sections show it, once the page itself has what it shows. */
export function useOpenPauses(tenant: string, enabled: boolean): number {
  const later = useLater();
  const { data } = useWaiting(tenant, enabled && later);
  return data ? data.approvals.length + data.runs.length : 0;
}
