// Install an app: consent in plain words, then its config and secrets, then the install begins.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useChange } from "../runs/queries";
import { Action, CheckField, Dialog, SelectField, TextField } from "../ui/controls";
import { ProblemNotice, Shown } from "../ui/states";
import { defaultsOf, missing, type Schema, SchemaForm, type Values } from "./schema-form";

type Sheet = Schemas["ConsentSheet"];
type Channel = Schemas["Channel"];

export function InstallDialog({
  tenant,
  app,
  onClose,
}: {
  tenant: string;
  app: string;
  onClose: () => void;
}) {
  const [channel, setChannel] = useState<Channel>("stable");
  const sheet = useQuery({
    queryKey: [tenant, "consent", app, channel],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/consent", { params: { path: { tenant }, query: { app, channel } } }),
      ),
  });
  return (
    <Dialog title={`Install ${app}`} onClose={onClose} wide>
      <SelectField
        label="Follow"
        value={channel}
        onChange={(value) => setChannel(value as Channel)}
        options={[
          ["stable", "stable: upgrades that ask for nothing more come by themselves"],
          ["beta", "beta: also versions before they are stable"],
          ["pinned", "pinned: this version until you change it"],
        ]}
      />
      <Shown query={sheet}>
        {(data) => (
          <InstallForm key={data.version} tenant={tenant} sheet={data} channel={channel} onClose={onClose} />
        )}
      </Shown>
    </Dialog>
  );
}

function InstallForm(props: { tenant: string; sheet: Sheet; channel: Channel; onClose: () => void }) {
  const { tenant, sheet, channel } = props;
  const navigate = useNavigate();
  const schema = sheet.config_schema as Schema | null;
  const [name, setName] = useState("");
  const [values, setValues] = useState<Values>(() => defaultsOf(schema));
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [consent, setConsent] = useState(false);
  const absent = [...missing(schema, values), ...sheet.secrets.filter((one) => !secrets[one])];
  const install = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/installs", {
        params: { path: { tenant } },
        body: {
          app: sheet.app,
          name: name || null,
          version: sheet.version,
          channel,
          grant: [...sheet.scopes.map((one) => one.scope)],
          config: values,
          secrets,
        },
      }),
    ),
  );
  return (
    <>
      <ConsentView sheet={sheet} />
      <TextField
        label="Name of the install (optional)"
        value={name}
        onChange={setName}
        hint="Needed where the app is installed already."
      />
      {schema && <SchemaForm schema={schema} values={values} onChange={setValues} />}
      {sheet.secrets.map((one) => (
        <TextField
          key={one}
          label={`Secret: ${one}`}
          type="password"
          value={secrets[one] ?? ""}
          onChange={(value) => setSecrets({ ...secrets, [one]: value })}
          hint="It is kept encrypted, and shown to nobody."
        />
      ))}
      <CheckField
        label={
          sheet.scopes.length
            ? "The app may do what is listed above"
            : "The app asks for no permission: install it"
        }
        value={consent}
        onChange={setConsent}
      />
      {install.error && <ProblemNotice problem={install.error} />}
      <div className="row">
        <Action
          kind="primary"
          isDisabled={!consent || absent.length > 0 || install.isPending}
          onPress={() =>
            install.mutate(undefined, {
              onSuccess: (made) => void navigate(`/t/${tenant}/installs/${made.id}`),
            })
          }
        >
          Install
        </Action>
        <Action onPress={props.onClose}>Cancel</Action>
        {absent.length > 0 && <span className="muted small">Still empty: {absent.join(", ")}</span>}
      </div>
    </>
  );
}

export function ConsentView({ sheet }: { sheet: Sheet }) {
  return (
    <section className="card stack" aria-label="What it asks for">
      <h3>
        {sheet.title} {sheet.version} asks for
      </h3>
      {sheet.scopes.length === 0 && <p className="muted">No permission.</p>}
      <ul>
        {sheet.scopes.map((one) => (
          <li key={one.scope}>
            {one.words} <code className="small muted">{one.scope}</code>
          </li>
        ))}
        {sheet.egress.map((host) => (
          <li key={host}>
            It connects to <code>{host}</code>
          </li>
        ))}
      </ul>
      {sheet.triggers.length > 0 && (
        <p className="small">It starts by itself on: {sheet.triggers.join(", ")}</p>
      )}
      {sheet.estimates.length > 0 && (
        <p className="muted small">
          {sheet.estimates
            .map((one) => `${one.workflow}: about $${one.dollars_per_1000_runs.toFixed(2)} for 1,000 runs`)
            .join("; ")}
        </p>
      )}
    </section>
  );
}
