// An app of a publisher: its versions, its listing, its usage, its dead letters, and the kill switch.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useListing } from "../apps/app";
import { useChange } from "../runs/queries";
import { Status } from "../runs/status";
import { useCan, usePublisher } from "../session/caller";
import { Action, Confirm, SelectField, TabSet, TextField } from "../ui/controls";
import { count, Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";
import { UsageTable } from "../ui/usage-table";

export function PublishedApp() {
  const publisher = usePublisher();
  const { name = "" } = useParams();
  const can = useCan(`publisher/${publisher}`);
  const [stopping, setStopping] = useState(false);
  return (
    <div className="stack">
      <p className="muted small">
        <Link to={`/p/${publisher}`}>Apps</Link> › {name}
      </p>
      <div className="row between">
        <h1>
          {publisher}/{name}
        </h1>
        {can("publish") && (
          <Action kind="danger" onPress={() => setStopping(true)}>
            Kill switch
          </Action>
        )}
      </div>
      <TabSet
        label="The app"
        tabs={[
          {
            id: "versions",
            title: "Versions",
            content: () => <Versions publisher={publisher} name={name} />,
          },
          {
            id: "listing",
            title: "Listing",
            content: () => <ListingCard publisher={publisher} name={name} mayChange={can("publish")} />,
          },
          { id: "usage", title: "Usage", content: () => <AppUsage publisher={publisher} name={name} /> },
          { id: "dead", title: "Dead letters", content: () => <AppDead publisher={publisher} name={name} /> },
        ]}
      />
      {stopping && <KillSwitch publisher={publisher} name={name} onClose={() => setStopping(false)} />}
    </div>
  );
}

function Versions({ publisher, name }: { publisher: string; name: string }) {
  const pages = usePages([`p/${publisher}`, "versions", name], (cursor) =>
    answer(
      api.GET("/v1/publishers/{publisher}/apps/{name}/versions", {
        params: { path: { publisher, name }, query: { limit: 50, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <Pages
      query={pages}
      rows={(page) => page.versions}
      empty={
        <Empty title="No version was uploaded yet">
          <p>interlock app publish</p>
        </Empty>
      }
    >
      {(rows) => (
        <Table
          label="Versions"
          rows={rows}
          rowKey={(row) => row.version}
          columns={[
            {
              title: "Version",
              cell: (row) => (
                <Link to={`/p/${publisher}/apps/${name}/versions/${row.version}`}>{row.version}</Link>
              ),
            },
            {
              title: "Status",
              cell: (row) => (
                <>
                  <Status value={row.status} />{" "}
                  {row.stopped && <span className="chip bad">switched off</span>}
                </>
              ),
            },
            { title: "Certified", cell: (row) => row.level },
            { title: "Findings", number: true, cell: (row) => count(row.findings.length) },
            { title: "Uploaded", cell: (row) => <Time at={row.created} /> },
            { title: "Listed", small: "hide", cell: (row) => <Time at={row.listed} /> },
          ]}
        />
      )}
    </Pages>
  );
}

function ListingCard({
  publisher,
  name,
  mayChange,
}: {
  publisher: string;
  name: string;
  mayChange: boolean;
}) {
  const say = useSay();
  const query = useListing(`${publisher}/${name}`);
  const [visibility, setVisibility] = useState("");
  const [invite, setInvite] = useState("");
  const change = useChange("listing", (body: Schemas["ListingChange"]) =>
    answer(
      api.PUT("/v1/publishers/{publisher}/apps/{name}/listing", {
        params: { path: { publisher, name } },
        body,
      }),
    ),
  );
  return (
    <Shown query={query}>
      {(page) => (
        <div className="stack">
          <dl className="pairs">
            <dt>Title</dt>
            <dd>{page.listing.title}</dd>
            <dt>Summary</dt>
            <dd>{page.listing.summary}</dd>
            <dt>Seen by</dt>
            <dd>
              <span className="chip">{page.listing.visibility}</span> {page.invited.join(", ")}
            </dd>
            <dt>Installs</dt>
            <dd>{count(page.listing.installs)}</dd>
          </dl>
          {mayChange && (
            <form
              className="filters"
              onSubmit={(event) => {
                event.preventDefault();
                change.mutate(
                  {
                    ...(visibility ? { visibility: visibility as Schemas["Visibility"] } : {}),
                    invite: invite ? invite.split(",").map((one) => one.trim()) : [],
                    uninvite: [],
                  },
                  { onSuccess: () => say("The listing is changed.") },
                );
              }}
            >
              <SelectField
                label="Who may find it"
                value={visibility}
                onChange={setVisibility}
                options={[["", "as it is"], "private", "invited", "public"]}
              />
              <TextField
                wide
                label="Invite tenants"
                placeholder="globex, initech"
                value={invite}
                onChange={setInvite}
              />
              <Action type="submit" isDisabled={change.isPending}>
                Change
              </Action>
            </form>
          )}
          {change.error && <ProblemNotice problem={change.error} />}
        </div>
      )}
    </Shown>
  );
}

function AppUsage({ publisher, name }: { publisher: string; name: string }) {
  const [by, setBy] = useState<"day" | "version" | "workflow" | "step">("version");
  const query = useQuery({
    queryKey: [`p/${publisher}`, "usage", name, by],
    queryFn: () =>
      answer(
        api.GET("/v1/publishers/{publisher}/apps/{name}/usage", {
          params: { path: { publisher, name }, query: { by } },
        }),
      ),
  });
  return (
    <div className="stack">
      <div className="filters">
        <SelectField
          label="By"
          value={by}
          onChange={(value) => setBy(value as typeof by)}
          options={["version", "workflow", "step", "day"]}
        />
      </div>
      <Shown query={query}>
        {(data) =>
          data.rows.length === 0 ? (
            <Empty title="Nobody has used it this month" />
          ) : (
            <UsageTable by={by} lines={data.rows} />
          )
        }
      </Shown>
    </div>
  );
}

function AppDead({ publisher, name }: { publisher: string; name: string }) {
  const pages = usePages([`p/${publisher}`, "dead", name], (cursor) =>
    answer(
      api.GET("/v1/publishers/{publisher}/apps/{name}/dead", {
        params: { path: { publisher, name }, query: { limit: 50, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <Pages
      query={pages}
      rows={(page) => page.letters}
      empty={<Empty title="Every start of the app became a run" />}
    >
      {(rows) => (
        <Table
          label="Dead letters of the app"
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              title: "Why",
              cell: (row) => (
                <>
                  {row.what}
                  <div className="muted small">
                    <code>{row.code}</code>
                  </div>
                </>
              ),
            },
            { title: "Workflow", cell: (row) => row.workflow },
            { title: "State", cell: (row) => <Status value={row.state} /> },
            { title: "Last", cell: (row) => <Time at={row.last} /> },
          ]}
        />
      )}
    </Pages>
  );
}

export function KillSwitch(props: {
  publisher: string;
  name: string;
  version?: string;
  stopped?: string;
  onClose: () => void;
}) {
  const { publisher, name, version } = props;
  const say = useSay();
  const [reason, setReason] = useState("");
  const [on, setOn] = useState(Boolean(props.stopped));
  const body = { stopped: on ? "" : reason };
  const change = useChange(`p/${publisher}`, async (): Promise<unknown> => {
    if (version)
      return answer(
        api.PUT("/v1/publishers/{publisher}/apps/{name}/versions/{version}/switch", {
          params: { path: { publisher, name, version } },
          body,
        }),
      );
    return answer(
      api.PUT("/v1/publishers/{publisher}/apps/{name}/switch", {
        params: { path: { publisher, name } },
        body,
      }),
    );
  });
  return (
    <Confirm
      title={`Kill switch of ${name}${version ? `@${version}` : ""}`}
      action={on ? "Switch on" : "Switch off for every tenant"}
      danger={!on}
      busy={change.isPending || (!on && reason === "")}
      error={change.error as never}
      onClose={props.onClose}
      onConfirm={() =>
        change.mutate(undefined, {
          onSuccess: () => {
            say(on ? "It is switched on." : "It is switched off.");
            props.onClose();
          },
        })
      }
    >
      <SelectField
        label="What to do"
        value={on ? "on" : "off"}
        onChange={(value) => setOn(value === "on")}
        options={[
          ["off", "switch it off: no run starts in any tenant, and runs stop at their next step"],
          ["on", "switch it on again"],
        ]}
      />
      {!on && <TextField label="Why (tenants read it)" value={reason} onChange={setReason} />}
    </Confirm>
  );
}
