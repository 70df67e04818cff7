// The apps that a tenant has installed.
import { Link, useSearchParams } from "react-router";
import { answer, api } from "../api/client";
import { POLL } from "../api/poll";
import { Status } from "../runs/status";
import { useTenant } from "../session/caller";
import { CheckField } from "../ui/controls";
import { Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty } from "../ui/states";
import { Table } from "../ui/table";

export function Installs() {
  const tenant = useTenant();
  const [query, setQuery] = useSearchParams();
  const all = query.get("all") === "true";
  const pages = usePages(
    [tenant, "installs", all],
    (cursor) =>
      answer(
        api.GET("/v1/tenants/{tenant}/installs", {
          params: { path: { tenant }, query: { all, limit: 50, ...(cursor ? { cursor } : {}) } },
        }),
      ),
    POLL.slow,
  );
  return (
    <div className="stack">
      <div className="row between">
        <h1>Installs</h1>
        <CheckField
          label="Removed ones too"
          value={all}
          onChange={(on) => setQuery(on ? { all: "true" } : {})}
        />
      </div>
      <Pages
        query={pages}
        rows={(page) => page.installs}
        empty={
          <Empty title="No app is installed">
            <p>
              <Link to={`/t/${tenant}/apps`}>Look at the marketplace</Link>
            </p>
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label="Installs"
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              {
                title: "Install",
                cell: (row) => (
                  <>
                    <Link to={`/t/${tenant}/installs/${row.id}`}>{row.name}</Link>
                    <div className="muted small">{row.app}</div>
                  </>
                ),
              },
              {
                title: "Version",
                cell: (row) => (
                  <>
                    {row.version} <span className="muted">{row.channel}</span>
                    {row.offer && <div className="small">{row.offer.version} waits for you</div>}
                  </>
                ),
              },
              {
                title: "Status",
                cell: (row) => (
                  <>
                    <Status value={row.moving ? "upgrading" : row.status} />{" "}
                    {row.stopped && <span className="chip bad">switched off</span>}
                  </>
                ),
              },
              { title: "Installed", small: "hide", cell: (row) => <Time at={row.created} /> },
            ]}
          />
        )}
      </Pages>
    </div>
  );
}
