// Messages of the start queue that belong to no tenant.
import { answer, api } from "../api/client";
import { useChange } from "../runs/queries";
import { Status } from "../runs/status";
import { Action } from "../ui/controls";
import { Ago } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty, ProblemNotice } from "../ui/states";
import { Table } from "../ui/table";

export function PlatformDeadLetters() {
  const pages = usePages(["platform", "dead"], (cursor) =>
    answer(api.GET("/v1/dead", { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } })),
  );
  const drop = useChange("platform", (letter: string) =>
    answer(api.POST("/v1/dead/{letter}/drop", { params: { path: { letter } } })),
  );
  return (
    <div className="stack">
      <h1>Dead letters of the deployment</h1>
      <p className="muted">Messages that no tenant can be told of. Those of a tenant are on its own page.</p>
      {drop.error && <ProblemNotice problem={drop.error} />}
      <Pages query={pages} rows={(page) => page.letters} empty={<Empty title="There is no dead letter" />}>
        {(rows) => (
          <Table
            label="Dead letters"
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              {
                title: "Why",
                cell: (row) => (
                  <>
                    {row.what}
                    <div className="muted small">
                      <code>{row.code}</code> {row.next_step}
                    </div>
                  </>
                ),
              },
              { title: "Last", cell: (row) => <Ago at={row.last} /> },
              { title: "State", cell: (row) => <Status value={row.state} /> },
              {
                title: "",
                cell: (row) =>
                  row.state === "dead" && (
                    <Action small onPress={() => drop.mutate(row.id)}>
                      Drop
                    </Action>
                  ),
              },
            ]}
          />
        )}
      </Pages>
    </div>
  );
}
