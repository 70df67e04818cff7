// Schedules of a tenant's installs, with the next time of each; and triggers that the loop guard stopped.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "../api/client";
import { useChange } from "../runs/queries";
import { useCan, useTenant } from "../session/caller";
import { Action } from "../ui/controls";
import { Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty, ProblemNotice } from "../ui/states";
import { Table } from "../ui/table";

export function Schedules() {
  const tenant = useTenant();
  const pages = usePages([tenant, "schedules"], (cursor) =>
    answer(
      api.GET("/v1/tenants/{tenant}/schedules", {
        params: { path: { tenant }, query: { limit: 50, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <div className="stack">
      <h1>Schedules</h1>
      <Pages
        query={pages}
        rows={(page) => page.schedules}
        empty={
          <Empty title="No installed app has a schedule">
            <p>The marketplace says of each app on what it starts by itself.</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label="Schedules"
            rows={rows}
            rowKey={(row) => `${row.install}${row.workflow}${row.schedule}`}
            columns={[
              {
                title: "Workflow",
                cell: (row) => (
                  <>
                    <Link to={`/t/${tenant}/installs/${row.install}`}>{row.install_name}</Link> {row.workflow}
                    <div className="muted small">{row.app}</div>
                  </>
                ),
              },
              {
                title: "Schedule",
                cell: (row) => (
                  <>
                    <code>{row.schedule}</code> <span className="muted">{row.timezone}</span>
                    {row.jitter && <div className="muted small">within {row.jitter}</div>}
                  </>
                ),
              },
              { title: "Next", cell: (row) => <Time at={row.next} /> },
              {
                title: "Last",
                cell: (row) =>
                  row.state?.last ? (
                    <>
                      <Time at={row.state.last} />{" "}
                      {row.state.run && <Link to={`/t/${tenant}/runs/${row.state.run}`}>run</Link>}
                    </>
                  ) : (
                    <span className="muted">not yet</span>
                  ),
              },
              {
                title: "Skipped",
                cell: (row) =>
                  row.state && row.state.skipped > 0 ? (
                    <>
                      {row.state.skipped} <span className="muted small">{row.state.why}</span>
                    </>
                  ) : (
                    "none"
                  ),
              },
            ]}
          />
        )}
      </Pages>
      <StoppedTriggers tenant={tenant} />
    </div>
  );
}

function StoppedTriggers({ tenant }: { tenant: string }) {
  const can = useCan(`tenant/${tenant}`);
  const query = useQuery({
    queryKey: [tenant, "stopped-triggers"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/triggers:stopped", { params: { path: { tenant } } })),
  });
  const start = useChange(tenant, (body: { install: string; workflow: string; trigger: string }) =>
    answer(api.POST("/v1/tenants/{tenant}/triggers:start", { params: { path: { tenant } }, body })),
  );
  if (!query.data || query.data.triggers.length === 0) return null;
  return (
    <>
      <h2>Triggers that were stopped, because they started themselves in a loop</h2>
      {start.error && <ProblemNotice problem={start.error} />}
      <Table
        label="Stopped triggers"
        rows={query.data.triggers}
        rowKey={(row) => `${row.install}${row.workflow}${row.trigger}`}
        columns={[
          { title: "Workflow", cell: (row) => row.workflow },
          { title: "Trigger", cell: (row) => row.trigger },
          {
            title: "",
            cell: ({ install, workflow, trigger }) =>
              can("install") && (
                <Action small onPress={() => start.mutate({ install, workflow, trigger })}>
                  Start it again
                </Action>
              ),
          },
        ]}
      />
    </>
  );
}
