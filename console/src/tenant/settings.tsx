// What holds for a whole tenant: its alert, its rules of sensitive fields, and open support sessions.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { AppField } from "../apps/app-field";
import { useChange } from "../runs/queries";
import { useCan, useTenant } from "../session/caller";
import { Action, SelectField, TextField } from "../ui/controls";
import { Time } from "../ui/format";
import { Notice, Optional, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";

export function TenantSettings() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const query = useQuery({
    queryKey: [tenant, "tenant"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}", { params: { path: { tenant } } })),
  });
  return (
    <div className="stack">
      <Shown query={query} title="Settings">
        {(data) => (
          <>
            <h1>{data.title || data.id}</h1>
            <p className="muted">
              <code>{data.id}</code> · created <Time at={data.created} />
            </p>
            <Redaction tenant={tenant} rules={data.redact} maySet={can("setRedaction")} />
          </>
        )}
      </Shown>
      {can("setAlert") && <AlertCard tenant={tenant} />}
      {can("readSupport") && <Support tenant={tenant} maySet={can("setSupport")} />}
    </div>
  );
}

function Redaction({ tenant, rules, maySet }: { tenant: string; rules: string[]; maySet: boolean }) {
  const [rule, setRule] = useState("");
  const add = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/redact", { params: { path: { tenant } }, body: { rule } })),
  );
  const remove = useChange(tenant, (one: string) =>
    answer(api.DELETE("/v1/tenants/{tenant}/redact", { params: { path: { tenant }, query: { rule: one } } })),
  );
  return (
    <section className="card stack" aria-label="Sensitive fields">
      <h2>Sensitive fields</h2>
      <p className="muted">They are hidden in every run that starts from now on, and in every export.</p>
      <div className="row">
        {rules.length === 0 && <span className="muted">No rule.</span>}
        {rules.map((one) => (
          <span key={one} className="chip">
            {one}
            {maySet && (
              <button type="button" aria-label={`Remove the rule ${one}`} onClick={() => remove.mutate(one)}>
                ×
              </button>
            )}
          </span>
        ))}
      </div>
      {maySet && (
        <form
          className="filters"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate(undefined, { onSuccess: () => setRule("") });
          }}
        >
          <TextField wide label="Field" placeholder="customer.email" value={rule} onChange={setRule} />
          <Action type="submit" isDisabled={rule === ""}>
            Add
          </Action>
        </form>
      )}
      {(add.error ?? remove.error) && <ProblemNotice problem={(add.error ?? remove.error) as Error} />}
    </section>
  );
}

function AlertCard({ tenant }: { tenant: string }) {
  const say = useSay();
  const [url, setUrl] = useState("");
  const path = { tenant };
  const query = useQuery({
    queryKey: [tenant, "alert"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/alert", { params: { path } })),
    retry: false,
  });
  const set = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/alert", { params: { path }, body: { url } })),
  );
  const test = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/alert:test", { params: { path } })),
  );
  const remove = useChange(tenant, () =>
    answer(api.DELETE("/v1/tenants/{tenant}/alert", { params: { path } })),
  );
  const error = set.error ?? test.error ?? remove.error;
  return (
    <section className="card stack" aria-label="Alert">
      <h2>Alert</h2>
      <Optional query={query} none="Nobody is told of failed runs.">
        {({ url }) => `Failed runs are told to ${url}`}
      </Optional>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate(undefined, { onSuccess: () => say("The alert is set.") });
        }}
      >
        <TextField
          wide
          label="Address"
          type="url"
          placeholder="https://example.com/alerts"
          value={url}
          onChange={setUrl}
        />
        <Action type="submit" isDisabled={url === ""}>
          Set
        </Action>
        {query.data?.url && (
          <>
            <Action
              onPress={() => test.mutate(undefined, { onSuccess: () => say("A test message was sent.") })}
            >
              Test
            </Action>
            <Action kind="danger" onPress={() => remove.mutate(undefined)}>
              Remove
            </Action>
          </>
        )}
      </form>
      {error && <ProblemNotice problem={error} />}
    </section>
  );
}

function Support({ tenant, maySet }: { tenant: string; maySet: boolean }) {
  const [app, setApp] = useState("");
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState("60");
  const query = useQuery({
    queryKey: [tenant, "support"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/support", { params: { path: { tenant } } })),
  });
  const open = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/support", {
        params: { path: { tenant } },
        body: { app, reason, minutes: Number(minutes) },
      }),
    ),
  );
  const close = useChange(tenant, (name: string) => {
    const [publisher = "", own = ""] = name.split("/");
    return answer(
      api.DELETE("/v1/tenants/{tenant}/support/{publisher}/{name}", {
        params: { path: { tenant, publisher, name: own } },
      }),
    );
  });
  return (
    <section className="card stack" aria-label="Support sessions">
      <h2>Support sessions</h2>
      <p className="muted">
        While one is open, the app&apos;s publisher reads the runs of its app here, and changes nothing.
      </p>
      <Shown query={query} rows={2}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <Notice>No session is open.</Notice>
          ) : (
            <Table
              label="Support sessions"
              rows={sessions}
              rowKey={(row) => row.app}
              columns={[
                { title: "App", cell: (row) => row.app },
                { title: "Why", cell: (row) => row.reason },
                { title: "Until", cell: (row) => <Time at={row.until} /> },
                {
                  title: "",
                  cell: (row) =>
                    maySet && (
                      <Action small onPress={() => close.mutate(row.app)}>
                        Close
                      </Action>
                    ),
                },
              ]}
            />
          )
        }
      </Shown>
      {maySet && (
        <form
          className="filters"
          onSubmit={(event) => {
            event.preventDefault();
            open.mutate(undefined);
          }}
        >
          <AppField tenant={tenant} value={app} onChange={setApp} />
          <TextField wide label="Why" value={reason} onChange={setReason} />
          <SelectField
            label="For"
            value={minutes}
            onChange={setMinutes}
            options={[
              ["60", "an hour"],
              ["240", "4 hours"],
              ["1440", "a day"],
            ]}
          />
          <Action type="submit" isDisabled={app === "" || open.isPending}>
            Open a session
          </Action>
        </form>
      )}
      {(open.error ?? close.error) && <ProblemNotice problem={(open.error ?? close.error) as Error} />}
    </section>
  );
}
