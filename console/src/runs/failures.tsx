// Failures by group: one row for each way in which runs fail.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "../api/client";
import { POLL } from "../api/poll";
import { useTenant } from "../session/caller";
import { Ago, count } from "../ui/format";
import { Sparkline } from "../ui/sparkline";
import { Empty, Shown } from "../ui/states";
import { Table } from "../ui/table";

export function Failures() {
  const tenant = useTenant();
  const query = useQuery({
    queryKey: [tenant, "failures"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/failures", { params: { path: { tenant } } })),
    refetchInterval: POLL.slow,
  });
  return (
    <div className="stack">
      <h1>Failures</h1>
      <p className="muted">
        Runs that failed in the same way are one group. The group that failed last is first.
      </p>
      <Shown query={query}>
        {(data) =>
          data.groups.length === 0 ? (
            <Empty title="No run has failed">
              <p>A run that fails appears here, with others that failed in the same way.</p>
            </Empty>
          ) : (
            <Table
              label="Failures by group"
              rows={data.groups}
              rowKey={(row) => row.fingerprint}
              columns={[
                {
                  title: "Failure",
                  cell: (row) => (
                    <>
                      <Link to={`/t/${tenant}/runs?fingerprint=${row.fingerprint}`}>{row.error}</Link>{" "}
                      {row.state && <>in {row.state}</>}
                      <div className="muted small">{row.message}</div>
                      {row.where && <code className="small">{row.where}</code>}
                    </>
                  ),
                },
                {
                  title: "Workflow",
                  small: "hide",
                  cell: (row) => (
                    <>
                      {row.app}
                      <div className="muted small">{row.workflow}</div>
                    </>
                  ),
                },
                { title: "Runs", number: true, cell: (row) => count(row.count) },
                {
                  title: "30 days",
                  small: "hide",
                  cell: (row) => <Sparkline days={row.days} label={`Failures with ${row.error}`} />,
                },
                { title: "Last", cell: (row) => <Ago at={row.last} /> },
                { title: "Latest run", cell: (row) => <Link to={`/t/${tenant}/runs/${row.run}`}>open</Link> },
              ]}
            />
          )
        }
      </Shown>
    </div>
  );
}
