// What the steps printed and logged, a page at a time.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { POLL } from "../api/poll";
import { Action, CheckField, TextField } from "../ui/controls";
import { Time } from "../ui/format";
import { Scrolls } from "../ui/scrolls";
import { Empty, Loading, ProblemNotice } from "../ui/states";
import { isOver, type Run } from "./queries";

const MOST = 5_000;

export function Logs({ tenant, run, state }: { tenant: string; run: Run; state: string }) {
  const [onlyState, setOnlyState] = useState(false);
  const [text, setText] = useState("");
  const wanted = onlyState ? state : "";
  const logs = useInfiniteQuery({
    queryKey: [tenant, "logs", run.id, run.status, wanted],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/v1/tenants/{tenant}/runs/{run}/logs", {
          params: {
            path: { tenant, run: run.id },
            query: { ...(wanted ? { state: wanted } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page, pages) =>
      pages.reduce((sum, one) => sum + one.lines.length, 0) < MOST ? (page.cursor ?? undefined) : undefined,
    refetchInterval: (query) =>
      isOver(run) || (query.state.data?.pages.length ?? 0) > 1 ? false : POLL.list,
  });
  const all = logs.data?.pages.flatMap((page) => page.lines) ?? [];
  const lines = text ? all.filter((line) => line.message.toLowerCase().includes(text.toLowerCase())) : all;
  return (
    <div className="stack">
      <div className="filters">
        <TextField label="Message has" value={text} onChange={setText} wide />
        {state && <CheckField label={`Only ${state}`} value={onlyState} onChange={setOnlyState} />}
      </div>
      {logs.error && <ProblemNotice problem={logs.error} retry={() => void logs.refetch()} />}
      {logs.isPending && <Loading />}
      {logs.data && lines.length === 0 && (
        <Empty title={text || wanted ? "No line passes the filters" : "The steps logged nothing"} />
      )}
      {lines.length > 0 && (
        <Scrolls className="table-wrap logs" label="Log lines">
          <table aria-label="Log lines">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Level</th>
                <th scope="col">State</th>
                <th scope="col">Message</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same
                <tr key={index}>
                  <td>
                    <Time at={line.at} />
                  </td>
                  <td>{line.level}</td>
                  <td>
                    {line.state}
                    {typeof line.index === "number" && `[${line.index}]`}
                  </td>
                  <td className="mono">
                    {line.message}
                    {line.exception && <pre>{line.exception}</pre>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
      {logs.hasNextPage && (
        <Action isDisabled={logs.isFetchingNextPage} onPress={() => void logs.fetchNextPage()}>
          More lines
        </Action>
      )}
      {all.length >= MOST && (
        <p className="muted small">
          The first {MOST} lines are shown; all of them: interlock run logs {run.id}
        </p>
      )}
    </div>
  );
}
