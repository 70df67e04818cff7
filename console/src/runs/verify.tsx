// Verify a version over recorded runs: what it would have done, without doing it.
import { useState } from "react";
import { useSearchParams } from "react-router";
import { answer, api } from "../api/client";
import { AppField } from "../apps/app-field";
import { useTenant } from "../session/caller";
import { Action, SelectField, TextField } from "../ui/controls";
import { Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useVersions } from "./fork";
import { Status } from "./status";
import { useVerification, useVerify, Verdicts } from "./verdicts";

const COUNTS = ["5", "10", "25", "50"];

export function VerifyPage() {
  const tenant = useTenant();
  const [query, setQuery] = useSearchParams();
  const job = query.get("job") ?? "";
  return (
    <div className="stack">
      <h1>Verify a version</h1>
      <p className="muted">
        Recorded runs are repeated dry with the version: effects are captured, reads are answered from the
        records. Each is compared with what it did.
      </p>
      <NewVerification tenant={tenant} app={query.get("app") ?? ""} onBegun={(id) => setQuery({ job: id })} />
      {job && <OneVerification tenant={tenant} job={job} />}
      <h2>Verifications</h2>
      <List tenant={tenant} onChoose={(id) => setQuery({ job: id })} />
    </div>
  );
}

function NewVerification(props: { tenant: string; app: string; onBegun: (id: string) => void }) {
  const [app, setApp] = useState(props.app);
  const [workflow, setWorkflow] = useState("");
  const [version, setVersion] = useState("");
  const [last, setLast] = useState("10");
  const versions = useVersions(app);
  const begin = useVerify(props.tenant);
  return (
    <section className="card stack" aria-label="A new verification">
      <div className="filters">
        <AppField tenant={props.tenant} value={app} onChange={setApp} />
        <TextField label="Workflow (optional)" value={workflow} onChange={setWorkflow} />
        <SelectField
          label="Version"
          value={version}
          onChange={setVersion}
          options={[["", "choose"], ...(versions.data ?? []).map((one): [string, string] => [one, one])]}
        />
        <SelectField
          label="Over the last"
          value={last}
          onChange={setLast}
          options={COUNTS.map((one): [string, string] => [one, `${one} runs`])}
        />
        <Action
          kind="primary"
          isDisabled={!app || !version || begin.isPending}
          onPress={() =>
            begin.mutate(
              { app, workflow, version, last: Number(last) },
              { onSuccess: (job) => props.onBegun(job.id) },
            )
          }
        >
          Verify
        </Action>
      </div>
      {begin.error && <ProblemNotice problem={begin.error} />}
    </section>
  );
}

function OneVerification({ tenant, job }: { tenant: string; job: string }) {
  const query = useVerification(tenant, job);
  return (
    <section className="card stack" aria-label="The verification">
      <Shown query={query}>
        {(data) => (
          <>
            <div className="row">
              <h2>
                {data.app}@{data.version}
              </h2>
              <Status value={data.status} />
            </div>
            <Verdicts tenant={tenant} job={data} />
          </>
        )}
      </Shown>
    </section>
  );
}

function List({ tenant, onChoose }: { tenant: string; onChoose: (id: string) => void }) {
  const pages = usePages([tenant, "verifications"], (cursor) =>
    answer(
      api.GET("/v1/tenants/{tenant}/verifications", {
        params: { path: { tenant }, query: { limit: 20, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <Pages
      query={pages}
      rows={(page) => page.verifications}
      empty={
        <Empty title="Nothing was verified yet">
          <p>Choose an app and a version above: its recorded runs are repeated with that version.</p>
        </Empty>
      }
    >
      {(rows) => (
        <Table
          label="Verifications"
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              title: "Version",
              cell: (row) => (
                <Action kind="plain" small onPress={() => onChoose(row.id)}>
                  {row.app}@{row.version}
                </Action>
              ),
            },
            { title: "Status", cell: (row) => <Status value={row.status} /> },
            {
              title: "Verdicts",
              cell: (row) =>
                Object.entries(row.counts ?? {})
                  .map(([verdict, number]) => `${number} ${verdict}`)
                  .join(", "),
            },
            { title: "Begun", cell: (row) => <Time at={row.started} /> },
          ]}
        />
      )}
    </Pages>
  );
}
