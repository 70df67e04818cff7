// An audit trail: who changed what, when, and how it ended.
import type { Schemas } from "../api/client";
import { Status } from "../runs/status";
import { Time } from "./format";
import { Pages, type usePages } from "./more";
import { Empty } from "./states";
import { Table } from "./table";

type Query = ReturnType<typeof usePages<Schemas["ChangePage"]>>;

export function Changes({ query }: { query: Query }) {
  return (
    <Pages
      query={query}
      rows={(page) => page.changes}
      empty={
        <Empty title="Nothing was changed yet">
          <p>What people, pipelines and copilots change here is listed, also where it was refused.</p>
        </Empty>
      }
    >
      {(rows) => (
        <Table
          label="Changes"
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { title: "When", cell: (row) => <Time at={row.at} /> },
            { title: "Who", cell: (row) => row.name || <span className="cut reader">{row.principal}</span> },
            {
              title: "What",
              cell: (row) => (
                <details>
                  <summary>
                    {row.action} {row.install_name && <span className="muted">{row.install_name}</span>}
                  </summary>
                  <dl className="pairs small">
                    <dt>Call</dt>
                    <dd className="mono">
                      {row.method} {row.path}
                    </dd>
                    <dt>Request</dt>
                    <dd className="mono">{row.asked || "–"}</dd>
                    <dt>Before</dt>
                    <dd className="mono">{row.before || "–"}</dd>
                    <dt>After</dt>
                    <dd className="mono">{row.after || "–"}</dd>
                  </dl>
                </details>
              ),
            },
            {
              title: "Outcome",
              cell: (row) => (
                <>
                  <Status value={row.outcome} /> {row.code && <code className="small">{row.code}</code>}
                </>
              ),
            },
          ]}
        />
      )}
    </Pages>
  );
}
