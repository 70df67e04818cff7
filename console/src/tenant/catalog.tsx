// The assets of a tenant's catalog: found by text, type, tag and prefix.

import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useTenant } from "../session/caller";
import { Action, TextField } from "../ui/controls";
import { Ago } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty } from "../ui/states";
import { Table } from "../ui/table";

const FIELDS = [
  ["text", "Text", "customer"],
  ["type", "Type", "table"],
  ["tag", "Tag", "pii"],
  ["prefix", "Name begins with", "shop/main/"],
] as const;

export function assetLink(tenant: string, name: string): string {
  return `/t/${tenant}/asset?${new URLSearchParams({ name })}`;
}

export function Catalog() {
  const tenant = useTenant();
  const [query, setQuery] = useSearchParams();
  const filters = Object.fromEntries(query);
  const [draft, setDraft] = useState<Record<string, string>>(filters);
  const pages = usePages([tenant, "assets", filters], (cursor) =>
    answer(
      api.GET("/v1/tenants/{tenant}/assets", {
        params: { path: { tenant }, query: { ...filters, limit: 50, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <div className="stack">
      <h1>Catalog</h1>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          setQuery(Object.entries(draft).filter(([, value]) => value.trim() !== ""));
        }}
      >
        {FIELDS.map(([name, label, example]) => (
          <TextField
            key={name}
            label={label}
            placeholder={example}
            value={draft[name] ?? ""}
            onChange={(value) => setDraft({ ...draft, [name]: value })}
          />
        ))}
        <Action type="submit" kind="primary">
          Search
        </Action>
        {query.size > 0 && (
          <Action
            kind="plain"
            onPress={() => {
              setDraft({});
              setQuery({});
            }}
          >
            Clear
          </Action>
        )}
      </form>
      <Pages
        query={pages}
        rows={(page) => page.assets}
        empty={
          <Empty title={query.size ? "No asset passes the filters" : "The catalog is empty"}>
            <p>{query.size ? `Filters: ${query}` : "Connectors write assets when they run."}</p>
          </Empty>
        }
      >
        {(rows) => <AssetTable tenant={tenant} assets={rows} />}
      </Pages>
    </div>
  );
}

export function AssetTable({ tenant, assets }: { tenant: string; assets: Schemas["Asset"][] }) {
  return (
    <Table
      label="Assets"
      rows={assets}
      rowKey={(row) => row.qualified_name}
      columns={[
        {
          title: "Asset",
          cell: (row) => (
            <>
              <Link to={assetLink(tenant, row.qualified_name)}>{row.name}</Link>
              <div className="muted small">{row.qualified_name}</div>
            </>
          ),
        },
        { title: "Type", cell: (row) => row.type },
        {
          title: "Tags",
          cell: (row) =>
            row.tags.map((tag) => (
              <span key={tag} className="chip">
                {tag}
              </span>
            )),
        },
        { title: "Owners", small: "hide", cell: (row) => row.owners.join(", ") },
        { title: "Changed", small: "hide", cell: (row) => <Ago at={row.updated_at} /> },
      ]}
    />
  );
}
