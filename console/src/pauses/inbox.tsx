// What waits for a person in a tenant: approvals, and runs that a breakpoint stopped.
import { Link } from "react-router";
import { RunTable } from "../runs/list";
import { Status } from "../runs/status";
import { useTenant } from "../session/caller";
import { Ago, Time } from "../ui/format";
import { Empty, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useWaiting } from "./queries";

export function Inbox() {
  const tenant = useTenant();
  const query = useWaiting(tenant);
  return (
    <div className="stack">
      <h1>Inbox</h1>
      <Shown query={query}>
        {({ approvals, runs }) =>
          approvals.length + runs.length === 0 ? (
            <Empty title="Nothing waits for you">
              <p>Approvals that an app asks for, and runs that a breakpoint stopped, appear here.</p>
            </Empty>
          ) : (
            <>
              <h2>Approvals</h2>
              {approvals.length === 0 ? (
                <p className="muted">None waits.</p>
              ) : (
                <Table
                  label="Approvals that wait"
                  rows={approvals}
                  rowKey={(row) => row.id}
                  columns={[
                    {
                      title: "Question",
                      cell: (row) => <Link to={`/t/${tenant}/approvals/${row.id}`}>{row.question}</Link>,
                    },
                    { title: "About", small: "hide", cell: (row) => row.subject },
                    { title: "Who decides", small: "hide", cell: (row) => row.approvers.join(", ") },
                    { title: "Asked", cell: (row) => <Ago at={row.asked} /> },
                    { title: "Until", cell: (row) => <Time at={row.deadline} /> },
                    { title: "Status", cell: (row) => <Status value={row.status} /> },
                  ]}
                />
              )}
              <h2>Paused runs</h2>
              {runs.length === 0 ? (
                <p className="muted">None is paused.</p>
              ) : (
                <RunTable tenant={tenant} runs={runs} />
              )}
            </>
          )
        }
      </Shown>
    </div>
  );
}
