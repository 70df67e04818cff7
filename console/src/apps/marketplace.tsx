// The apps that a tenant may find.
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useTenant } from "../session/caller";
import { Action, CheckField, SelectField, TextField } from "../ui/controls";
import { plural } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty } from "../ui/states";

const CATEGORIES = ["connector", "automation", "compliance", "assistant"];

export function Marketplace() {
  const tenant = useTenant();
  const [query, setQuery] = useSearchParams();
  const [text, setText] = useState(query.get("q") ?? "");
  const filters = Object.fromEntries(query) as {
    q?: string;
    category?: Schemas["Category"];
    verified?: string;
  };
  const set = (name: string, value: string) =>
    setQuery((now) => {
      const next = new URLSearchParams(now);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  const pages = usePages(["listing", filters], (cursor) =>
    answer(
      api.GET("/v1/listing", {
        params: {
          query: {
            ...(filters.q ? { q: filters.q } : {}),
            ...(filters.category ? { category: filters.category } : {}),
            ...(filters.verified ? { verified: true } : {}),
            limit: 50,
            ...(cursor ? { cursor } : {}),
          },
        },
      }),
    ),
  );
  return (
    <div className="stack">
      <h1>Marketplace</h1>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          set("q", text.trim());
        }}
      >
        <TextField wide label="Search" placeholder="crawl, personal data" value={text} onChange={setText} />
        <SelectField
          label="Category"
          value={filters.category ?? ""}
          onChange={(value) => set("category", value)}
          options={[["", "all"], ...CATEGORIES.map((one): [string, string] => [one, one])]}
        />
        <CheckField
          label="Verified publishers"
          value={filters.verified === "true"}
          onChange={(on) => set("verified", on ? "true" : "")}
        />
        <Action type="submit" kind="primary">
          Search
        </Action>
      </form>
      <Pages
        query={pages}
        rows={(page) => page.apps}
        empty={
          <Empty title={query.size ? "No app passes the filters" : "No app is listed yet"}>
            <p>{query.size ? `Filters: ${query}` : "A publisher lists one by interlock app publish."}</p>
          </Empty>
        }
      >
        {(rows) => (
          <div className="cards">
            {rows.map((row) => (
              <AppCard key={row.app} tenant={tenant} row={row} />
            ))}
          </div>
        )}
      </Pages>
    </div>
  );
}

function AppCard({ tenant, row }: { tenant: string; row: Schemas["ListingRow"] }) {
  return (
    <article className="card stack" aria-label={row.title}>
      <div>
        <h2>
          <Link to={`/t/${tenant}/apps/${row.app}`}>{row.title}</Link>
        </h2>
        <p className="muted small">
          {row.app}@{row.version} {row.verified && <span className="chip good">verified</span>}
        </p>
      </div>
      <p>{row.summary}</p>
      <div className="row small">
        <span className="chip">{row.category}</span>
        <span className="chip">{row.level}</span>
        <span className="muted">{plural(row.installs, "install")}</span>
      </div>
    </article>
  );
}
