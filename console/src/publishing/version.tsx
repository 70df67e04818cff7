// One version: where it is on its way to the listing, what was found, and how it was certified.
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useChange } from "../runs/queries";
import { Status } from "../runs/status";
import { useCan, usePublisher } from "../session/caller";
import { ActionMenu, Confirm, TabSet, TextField } from "../ui/controls";
import { bytes, Time } from "../ui/format";
import { Json } from "../ui/json";
import { Empty, Notice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";
import { KillSwitch } from "./app";
import { VersionBreakpoints } from "./breakpoints";
import { usePublishedVersion } from "./queries";

type Version = Schemas["Version"];

export function VersionPage() {
  const publisher = usePublisher();
  const { name = "", version = "" } = useParams();
  const query = usePublishedVersion(publisher, name, version);
  return (
    <Shown query={query} title={`${name} ${version}`}>
      {(data) => <VersionView publisher={publisher} name={name} version={data} />}
    </Shown>
  );
}

function VersionView({ publisher, name, version }: { publisher: string; name: string; version: Version }) {
  const can = useCan(`publisher/${publisher}`);
  const [dialog, setDialog] = useState<"deprecated" | "yanked" | "switch" | null>(null);
  return (
    <div className="stack">
      <p className="muted small">
        <Link to={`/p/${publisher}/apps/${name}`}>{`${publisher}/${name}`}</Link> › {version.version}
      </p>
      <div className="row between">
        <div className="row">
          <h1>
            {name} {version.version}
          </h1>
          <Status value={version.status} />
          {version.stopped && <span className="chip bad">switched off</span>}
        </div>
        {can("publish") && (
          <ActionMenu
            label="More"
            name="More actions on the version"
            entries={[
              {
                id: "deprecated",
                label: "Deprecate",
                onAction: () => setDialog("deprecated"),
                disabled: version.status !== "listed",
              },
              {
                id: "yanked",
                label: "Yank",
                onAction: () => setDialog("yanked"),
                disabled: version.status !== "listed" && version.status !== "deprecated",
              },
              { id: "switch", label: "Kill switch", onAction: () => setDialog("switch") },
            ]}
          />
        )}
      </div>
      {version.withdrawn && <Notice kind="warn">{version.withdrawn}</Notice>}
      {version.stopped && <Notice kind="bad">It is switched off: {version.stopped}</Notice>}
      <dl className="pairs">
        <dt>Uploaded</dt>
        <dd>
          <Time at={version.created} />, {bytes(version.size)}
        </dd>
        <dt>Listed</dt>
        <dd>
          <Time at={version.listed} />
        </dd>
        <dt>Digest</dt>
        <dd className="mono">{version.digest}</dd>
      </dl>
      <TabSet
        label="The version"
        tabs={[
          {
            id: "findings",
            title: `Findings (${version.findings.length})`,
            content: () => <Findings findings={version.findings} />,
          },
          { id: "certification", title: "Certification", content: () => <Certification version={version} /> },
          {
            id: "breakpoints",
            title: "Breakpoints",
            content: () => (
              <VersionBreakpoints
                where={{ publisher, name, version: version.version }}
                mayDebug={can("debugVersions")}
              />
            ),
          },
          {
            id: "manifest",
            title: "Manifest",
            content: () => <Json value={version.manifest ?? {}} label="Manifest" />,
          },
          {
            id: "changelog",
            title: "Changelog",
            content: () =>
              version.changelog ? (
                <pre className="changelog">{version.changelog}</pre>
              ) : (
                <Empty title="It has none" />
              ),
          },
        ]}
      />
      {(dialog === "deprecated" || dialog === "yanked") && (
        <Withdraw
          publisher={publisher}
          name={name}
          version={version.version}
          status={dialog}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "switch" && (
        <KillSwitch
          publisher={publisher}
          name={name}
          version={version.version}
          stopped={version.stopped}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

function Findings({ findings }: { findings: Schemas["Finding"][] }) {
  if (findings.length === 0) return <Empty title="There are no findings" />;
  return (
    <Table
      label="Findings"
      rows={findings}
      rowKey={(row) => row.code + row.where + row.what}
      columns={[
        {
          title: "",
          cell: (row) => (
            <span className={`chip ${row.severity === "error" ? "bad" : "warn"}`}>{row.severity}</span>
          ),
        },
        {
          title: "Finding",
          cell: (row) => (
            <>
              {row.what}
              <div className="muted small">{row.fix}</div>
            </>
          ),
        },
        { title: "Where", cell: (row) => <code>{row.where}</code> },
        { title: "Rule", small: "hide", cell: (row) => <code>{row.code}</code> },
      ]}
    />
  );
}

function Certification({ version }: { version: Version }) {
  const { review, trial } = version;
  return (
    <div className="stack">
      <p>
        Level: <strong>{version.level}</strong>{" "}
        {version.signature && <span className="chip good">signed</span>}
      </p>
      {review && (
        <Notice kind={review.approved === false ? "bad" : review.approved ? "good" : "warn"}>
          <strong>
            {review.approved === null || review.approved === undefined
              ? "A person reviews it"
              : review.approved
                ? "Reviewed and approved"
                : "Refused"}
          </strong>
          <div>Because: {review.reasons.join("; ")}</div>
          {review.comment && <div>{review.comment}</div>}
        </Notice>
      )}
      {trial && trial.runs.length > 0 ? (
        <Table
          label="Golden tests in the trial"
          rows={trial.runs}
          rowKey={(row) => JSON.stringify(row)}
          columns={Object.keys(trial.runs[0] ?? {})
            .slice(0, 5)
            .map((key) => ({
              title: key,
              cell: (row: object) => String((row as Record<string, unknown>)[key] ?? ""),
            }))}
        />
      ) : (
        <p className="muted">It has no golden tests, or its trial has not begun.</p>
      )}
    </div>
  );
}

function Withdraw(props: {
  publisher: string;
  name: string;
  version: string;
  status: "deprecated" | "yanked";
  onClose: () => void;
}) {
  const { publisher, name, version, status } = props;
  const say = useSay();
  const [reason, setReason] = useState("");
  const change = useChange(`p/${publisher}`, () =>
    answer(
      api.POST("/v1/publishers/{publisher}/apps/{name}/versions/{version}/status", {
        params: { path: { publisher, name, version } },
        body: { status, reason } as never,
      }),
    ),
  );
  return (
    <Confirm
      title={status === "yanked" ? "Yank this version?" : "Deprecate this version?"}
      action={status === "yanked" ? "Yank" : "Deprecate"}
      danger
      busy={change.isPending || reason === ""}
      error={change.error as never}
      onClose={props.onClose}
      onConfirm={() =>
        change.mutate(undefined, {
          onSuccess: () => {
            say(`It is ${status}.`);
            props.onClose();
          },
        })
      }
    >
      <p>
        {status === "yanked"
          ? "Nobody can install it any more. Installs that have it keep it until they move on."
          : "Installs are told to move on. It can still be installed."}
      </p>
      <TextField label="Why (tenants read it)" value={reason} onChange={setReason} />
    </Confirm>
  );
}
