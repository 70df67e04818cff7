// One asset: what is known of it, its lineage, and its history with the run behind each change.
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api, Problem } from "../api/client";
import { useTenant } from "../session/caller";
import { TabSet } from "../ui/controls";
import { Time } from "../ui/format";
import { Json } from "../ui/json";
import { Pages, usePages } from "../ui/more";
import { Empty, Loading, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { AppViews } from "../views/views";

const Lineage = lazy(() => import("./lineage"));

export function useAsset(tenant: string, name: string) {
  return useQuery({
    queryKey: [tenant, "asset", name],
    queryFn: async () => {
      const page = await answer(
        api.GET("/v1/tenants/{tenant}/assets", {
          params: { path: { tenant }, query: { qualified_name: name } },
        }),
      );
      const asset = page.assets[0];
      if (asset === undefined)
        throw new Problem(
          404,
          "no-asset",
          `There is no asset ${name}.`,
          "the catalog",
          "Look for it in the catalog.",
        );
      return asset;
    },
  });
}

export function AssetPage() {
  const tenant = useTenant();
  const [query] = useSearchParams();
  const name = query.get("name") ?? "";
  const asset = useAsset(tenant, name);
  return (
    <div className="stack">
      <p className="muted small">
        <Link to={`/t/${tenant}/catalog`}>Catalog</Link> › {name}
      </p>
      <Shown query={asset} title={name || "Asset"}>
        {(data) => (
          <>
            <div className="row">
              <h1>{data.name}</h1>
              <span className="chip">{data.type}</span>
              {data.tags.map((tag) => (
                <span key={tag} className="chip busy">
                  {tag}
                </span>
              ))}
            </div>
            <dl className="pairs">
              <dt>Owners</dt>
              <dd>{data.owners.join(", ") || <span className="muted">nobody</span>}</dd>
              <dt>Version</dt>
              <dd>
                {data.version}, changed <Time at={data.updated_at} />, created <Time at={data.created_at} />
              </dd>
            </dl>
            <AppViews tenant={tenant} where="asset" subject={data.qualified_name} />
            <TabSet
              label="The asset"
              tabs={[
                {
                  id: "attributes",
                  title: "Attributes",
                  content: () =>
                    Object.keys(data.attributes ?? {}).length ? (
                      <Json value={data.attributes} label="Attributes" />
                    ) : (
                      <Empty title="It has no attributes" />
                    ),
                },
                {
                  id: "lineage",
                  title: `Lineage (${data.upstream.length} upstream)`,
                  content: () => (
                    <Suspense fallback={<Loading label="Loading the graph" />}>
                      <Lineage tenant={tenant} asset={data} />
                    </Suspense>
                  ),
                },
                { id: "history", title: "History", content: () => <History tenant={tenant} name={name} /> },
              ]}
            />
          </>
        )}
      </Shown>
    </div>
  );
}

function History({ tenant, name }: { tenant: string; name: string }) {
  const pages = usePages([tenant, "asset-history", name], (cursor) =>
    answer(
      api.GET("/v1/tenants/{tenant}/assets:history", {
        params: {
          path: { tenant },
          query: { qualified_name: name, limit: 50, ...(cursor ? { cursor } : {}) },
        },
      }),
    ),
  );
  return (
    <Pages query={pages} rows={(page) => page.changes} empty={<Empty title="No change is kept" />}>
      {(rows) => (
        <Table
          label="Changes of the asset"
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { title: "When", cell: (row) => <Time at={row.at} /> },
            { title: "What", cell: (row) => row.type.replace("asset.", "") },
            { title: "Fields", cell: (row) => row.changed.join(", ") },
            {
              title: "By",
              cell: (row) =>
                row.cause ? (
                  <>
                    {row.cause.app} <Link to={`/t/${tenant}/runs/${row.cause.run}`}>{row.cause.run}</Link>
                  </>
                ) : (
                  "a person"
                ),
            },
          ]}
        />
      )}
    </Pages>
  );
}
