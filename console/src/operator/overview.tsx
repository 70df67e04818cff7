// The deployment: its tenants and publishers, with the way to each.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "../api/client";
import { POLL } from "../api/poll";
import { Status } from "../runs/status";
import { Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty, Shown } from "../ui/states";
import { Table } from "../ui/table";

/** What rings, with its reason; the runbook has a section for each. */
function Alarms() {
  const query = useQuery({
    queryKey: ["platform", "alarms"],
    queryFn: () => answer(api.GET("/v1/alarms")),
    refetchInterval: POLL.slow,
  });
  return (
    <>
      <h2>Alarms</h2>
      <Shown query={query} rows={1}>
        {({ alarms }) =>
          alarms.length === 0 ? (
            <p className="muted">There are none here: on AWS the stack interlock-observability makes them.</p>
          ) : (
            <Table
              label="Alarms"
              rows={alarms}
              rowKey={(row) => row.name}
              columns={[
                { title: "Alarm", cell: (row) => row.name },
                {
                  title: "State",
                  cell: (row) => (
                    <span
                      className={`chip ${row.state === "ringing" ? "bad" : row.state === "ok" ? "good" : ""}`}
                    >
                      {row.state}
                    </span>
                  ),
                },
                { title: "Since", cell: (row) => <Time at={row.since} /> },
                { title: "Why", cell: (row) => row.reason },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}

export function Overview() {
  const tenants = usePages(["platform", "tenants"], (cursor) =>
    answer(api.GET("/v1/tenants", { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } })),
  );
  const publishers = usePages(["platform", "publishers"], (cursor) =>
    answer(api.GET("/v1/publishers", { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } })),
  );
  return (
    <div className="stack">
      <h1>The deployment</h1>
      <Alarms />
      <h2>Tenants</h2>
      <Pages
        query={tenants}
        rows={(page) => page.tenants}
        empty={
          <Empty title="There is no tenant yet">
            <p>
              <code>interlock tenant create NAME</code>
            </p>
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label="Tenants"
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: "Tenant", cell: (row) => <Link to={`/t/${row.id}/runs`}>{row.title || row.id}</Link> },
              { title: "Status", cell: (row) => <Status value={row.status} /> },
              { title: "Capacity", cell: (row) => <Link to={`/t/${row.id}/usage`}>quotas and usage</Link> },
              { title: "Created", cell: (row) => <Time at={row.created} /> },
            ]}
          />
        )}
      </Pages>
      <h2>Publishers</h2>
      <Pages
        query={publishers}
        rows={(page) => page.publishers}
        empty={<Empty title="There is no publisher yet" />}
      >
        {(rows) => (
          <Table
            label="Publishers"
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: "Publisher", cell: (row) => <Link to={`/p/${row.id}`}>{row.title || row.id}</Link> },
              {
                title: "Domain",
                cell: (row) =>
                  row.domain ? (
                    <>
                      {row.domain.name}{" "}
                      {row.domain.verified ? (
                        <span className="chip good">verified</span>
                      ) : (
                        <span className="chip">claimed</span>
                      )}
                    </>
                  ) : (
                    <span className="muted">none</span>
                  ),
              },
              { title: "Created", cell: (row) => <Time at={row.created} /> },
            ]}
          />
        )}
      </Pages>
    </div>
  );
}
