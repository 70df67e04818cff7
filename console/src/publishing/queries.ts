// Reads of a publisher.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { POLL } from "../api/poll";

const UNDER_WAY = new Set(["uploading", "checking", "deploying", "trial"]);

export function usePublishedVersion(publisher: string, name: string, version: string) {
  return useQuery({
    queryKey: [`p/${publisher}`, "version", name, version],
    queryFn: () =>
      answer(
        api.GET("/v1/publishers/{publisher}/apps/{name}/versions/{version}", {
          params: { path: { publisher, name, version } },
        }),
      ),
    refetchInterval: ({ state }) => (state.data && UNDER_WAY.has(state.data.status) ? POLL.job : false),
  });
}
