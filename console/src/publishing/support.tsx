// Tenants that have opened a support session: their runs of the app can be read while it is open.
import { Link } from "react-router";
import { answer, api } from "../api/client";
import { usePublisher } from "../session/caller";
import { Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty } from "../ui/states";
import { Table } from "../ui/table";

export function PublisherSupport() {
  const publisher = usePublisher();
  const pages = usePages([`p/${publisher}`, "support"], (cursor) =>
    answer(
      api.GET("/v1/publishers/{publisher}/support", {
        params: { path: { publisher }, query: cursor ? { cursor } : {} },
      }),
    ),
  );
  return (
    <div className="stack">
      <h1>Support sessions</h1>
      <Pages
        query={pages}
        rows={(page) => page.sessions}
        empty={
          <Empty title="No tenant has a session open">
            <p>A tenant opens one for an app. Until then its runs are its own.</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label="Support sessions"
            rows={rows}
            rowKey={(row) => row.tenant + row.app}
            columns={[
              {
                title: "Tenant",
                cell: (row) => (
                  <Link to={`/t/${row.tenant}/runs?${new URLSearchParams({ app: row.app })}`}>
                    {row.tenant}
                  </Link>
                ),
              },
              { title: "App", cell: (row) => row.app },
              { title: "Why", cell: (row) => row.reason },
              { title: "Until", cell: (row) => <Time at={row.until} /> },
            ]}
          />
        )}
      </Pages>
    </div>
  );
}
