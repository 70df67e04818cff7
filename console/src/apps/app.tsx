// The page of an app: what it is, what it asks for in plain words, and how to install it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api } from "../api/client";
import { useVersion } from "../runs/start";
import { useCan, useTenant } from "../session/caller";
import { Action } from "../ui/controls";
import { plural, Time } from "../ui/format";
import { Empty, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { ViewTitles } from "../views/titles";
import { InstallDialog } from "./install-dialog";

export function useListing(app: string) {
  const [publisher = "", name = ""] = app.split("/");
  return useQuery({
    queryKey: ["listing", app],
    queryFn: () =>
      answer(api.GET("/v1/listing/{publisher}/{name}", { params: { path: { publisher, name } } })),
  });
}

export function AppPage() {
  const tenant = useTenant();
  const { publisher = "", name = "" } = useParams();
  const app = `${publisher}/${name}`;
  const can = useCan(`tenant/${tenant}`);
  const [installing, setInstalling] = useState(false);
  const listing = useListing(app);
  const version = useVersion(app, listing.data?.listing.version ?? "");
  return (
    <div className="stack">
      <p className="muted small">
        <Link to={`/t/${tenant}/apps`}>Marketplace</Link> › {app}
      </p>
      <Shown query={listing} title={`${publisher}/${name}`}>
        {(page) => (
          <>
            <div className="row between">
              <div className="row">
                {page.icon && <img className="app-icon" src={page.icon} alt="" />}
                <h1>{page.listing.title}</h1>
                {page.listing.verified && <span className="chip good">verified: {page.listing.domain}</span>}
                <span className="chip">{page.listing.category}</span>
              </div>
              {can("install") && (
                <Action kind="primary" onPress={() => setInstalling(true)}>
                  Install
                </Action>
              )}
            </div>
            <p>{page.listing.summary}</p>
            <p className="muted small">
              Version {page.listing.version}, listed <Time at={page.listing.listed} /> · certified:{" "}
              {page.listing.level} · {plural(page.listing.tests, "golden test")} ·{" "}
              {plural(page.listing.installs, "install")}
            </p>
            <section className="card stack" aria-label="Permissions">
              <h2>What it may do</h2>
              {page.listing.plain.length === 0 ? (
                <Empty title="It asks for no permission" />
              ) : (
                <ul>
                  {page.listing.plain.map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
              )}
            </section>
            {page.screenshots.length > 0 && (
              <div className="row">
                {page.screenshots.map((url, index) => (
                  <img
                    key={url}
                    className="screenshot"
                    src={url}
                    alt={`Screenshot ${index + 1} of ${page.listing.title}`}
                  />
                ))}
              </div>
            )}
            <ViewTitles views={page.views ?? []} />
            {version.data && (
              <section className="stack" aria-label="Workflows">
                <h2>Workflows</h2>
                <Table
                  label="Workflows"
                  rows={Object.values(version.data.workflows ?? {})}
                  rowKey={(row) => row.name}
                  columns={[
                    { title: "Workflow", cell: (row) => row.name },
                    { title: "States", number: true, cell: (row) => row.states },
                    { title: "Steps", number: true, cell: (row) => row.tasks },
                  ]}
                />
              </section>
            )}
            {page.changelog && (
              <section className="card" aria-label="Changes">
                <h2>What is new</h2>
                <pre className="changelog">{page.changelog}</pre>
              </section>
            )}
            {installing && <InstallDialog tenant={tenant} app={app} onClose={() => setInstalling(false)} />}
          </>
        )}
      </Shown>
    </div>
  );
}
