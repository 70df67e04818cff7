// The apps of a publisher, also those that nobody can find yet.
import { Link } from "react-router";
import { answer, api } from "../api/client";
import { usePublisher } from "../session/caller";
import { Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty } from "../ui/states";
import { Table } from "../ui/table";

export function PublisherApps() {
  const publisher = usePublisher();
  const pages = usePages([`p/${publisher}`, "apps"], (cursor) =>
    answer(
      api.GET("/v1/publishers/{publisher}/apps", {
        params: { path: { publisher }, query: { limit: 50, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <div className="stack">
      <h1>Apps of {publisher}</h1>
      <Pages
        query={pages}
        rows={(page) => page.apps}
        empty={
          <Empty title="No app was uploaded yet">
            <p>
              <code>interlock app init my-app</code>, then <code>interlock app publish my-app</code>
            </p>
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label="Apps"
            rows={rows}
            rowKey={(row) => row.app}
            columns={[
              {
                title: "App",
                cell: (row) => <Link to={`/p/${publisher}/apps/${row.app.split("/")[1]}`}>{row.app}</Link>,
              },
              { title: "Last upload", cell: (row) => <Time at={row.since} /> },
            ]}
          />
        )}
      </Pages>
    </div>
  );
}
