// Where a run came from and what came of it: its event, its parent, its forks, the runs that it caused.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "../api/client";
import { Json } from "../ui/json";
import { Shown } from "../ui/states";
import { RunTable } from "./list";
import type { Run } from "./queries";

export function Family({ tenant, run }: { tenant: string; run: Run }) {
  const forks = useQuery({
    queryKey: [tenant, "forks", run.id],
    queryFn: async () =>
      (
        await answer(
          api.GET("/v1/tenants/{tenant}/runs/{run}/forks", { params: { path: { tenant, run: run.id } } }),
        )
      ).runs,
  });
  const caused = useQuery({
    queryKey: [tenant, "caused", run.id],
    queryFn: async () =>
      (
        await answer(
          api.GET("/v1/tenants/{tenant}/runs", {
            params: { path: { tenant }, query: { caused_by: run.id } },
          }),
        )
      ).runs,
  });
  const { trigger } = run;
  return (
    <div className="stack">
      <h2>What started it</h2>
      <dl className="pairs">
        <dt>Trigger</dt>
        <dd>
          {trigger.kind} {trigger.name}
        </dd>
        {trigger.id && (
          <>
            <dt>{trigger.kind === "event" ? "Event" : "Id"}</dt>
            <dd>
              {trigger.kind === "event" ? (
                <Link to={`/t/${tenant}/events?id=${trigger.id}`}>{trigger.id}</Link>
              ) : (
                trigger.id
              )}
            </dd>
          </>
        )}
        {run.fork && (
          <>
            <dt>Parent</dt>
            <dd>
              <Link to={`/t/${tenant}/runs/${run.fork.parent}`}>{run.fork.parent}</Link>
            </dd>
          </>
        )}
        {(trigger.ancestry ?? []).length > 0 && (
          <>
            <dt>Runs that led to it</dt>
            <dd>
              {(trigger.ancestry ?? []).map((one) => (
                <div key={one}>
                  <Link to={`/t/${tenant}/runs/${one}`}>{one}</Link>
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
      {trigger.event !== undefined && trigger.event !== null && (
        <Json value={trigger.event} label="The event that started the run" />
      )}
      <h2>Runs that it caused</h2>
      <Shown query={caused} rows={2}>
        {(rows) =>
          rows.length ? <RunTable tenant={tenant} runs={rows} /> : <p className="muted">There are none.</p>
        }
      </Shown>
      <h2>Forks of it</h2>
      <Shown query={forks} rows={2}>
        {(rows) =>
          rows.length ? <RunTable tenant={tenant} runs={rows} /> : <p className="muted">There are none.</p>
        }
      </Shown>
    </div>
  );
}
