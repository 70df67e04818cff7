// A form from a JSON Schema: fields for what a form can show, and an editor for the rest.
import { CheckField, SelectField, TextField } from "../ui/controls";
import { Editor } from "../ui/editor";
import { pretty } from "../ui/json";

export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  format?: string;
}

export type Values = Record<string, unknown>;

/** What an untouched form holds: the defaults of the schema. */
export function defaultsOf(schema: Schema | null | undefined): Values {
  const entries = Object.entries(schema?.properties ?? {}).filter(([, part]) => part.default !== undefined);
  return Object.fromEntries(entries.map(([name, part]) => [name, part.default]));
}

/** Which required fields are empty. */
export function missing(schema: Schema | null | undefined, values: Values): string[] {
  return (schema?.required ?? []).filter((name) => values[name] === undefined || values[name] === "");
}

export function SchemaForm(props: { schema: Schema; values: Values; onChange: (values: Values) => void }) {
  const { schema, values } = props;
  const set = (name: string, value: unknown) => {
    const next = { ...values };
    if (value === undefined || value === "") delete next[name];
    else next[name] = value;
    props.onChange(next);
  };
  return (
    <div className="stack">
      {Object.entries(schema.properties ?? {}).map(([name, part]) => (
        <SchemaField
          key={name}
          name={name}
          schema={part}
          required={schema.required?.includes(name) ?? false}
          value={values[name]}
          onChange={(value) => set(name, value)}
        />
      ))}
    </div>
  );
}

function SchemaField(props: {
  name: string;
  schema: Schema;
  required: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  const { schema, value, onChange } = props;
  const label = `${schema.title ?? props.name}${props.required ? "" : " (optional)"}`;
  const hint = schema.description;
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (schema.enum)
    return (
      <SelectField
        label={label}
        hint={hint}
        value={String(value ?? "")}
        onChange={(text) => onChange(schema.enum?.find((one) => String(one) === text))}
        options={[["", "–"], ...schema.enum.map((one): [string, string] => [String(one), String(one)])]}
      />
    );
  if (type === "boolean")
    return (
      <div className="field">
        <CheckField label={label} value={value === true} onChange={onChange} />
        {hint && <div className="hint">{hint}</div>}
      </div>
    );
  if (type === "integer" || type === "number")
    return (
      <TextField
        label={label}
        hint={hint}
        type="number"
        value={value === undefined ? "" : String(value)}
        onChange={(text) => onChange(text === "" ? undefined : Number(text))}
      />
    );
  if (type === "array" && (schema.items?.type === "string" || schema.items?.enum))
    return (
      <TextField
        label={label}
        hint={[hint, "One a line."].filter(Boolean).join(" ")}
        rows={3}
        value={Array.isArray(value) ? value.join("\n") : ""}
        onChange={(text) => onChange(text === "" ? undefined : text.split("\n"))}
      />
    );
  if (type === "string" || type === undefined)
    return (
      <TextField
        label={label}
        hint={hint}
        type={schema.format === "uri" ? "url" : "text"}
        value={typeof value === "string" ? value : ""}
        onChange={onChange}
      />
    );
  return (
    <div className="field">
      <span className="label">{label}</span>
      <Editor
        label={label}
        value={value === undefined ? "" : pretty(value)}
        schema={schema}
        onChange={(text) => {
          try {
            onChange(JSON.parse(text));
          } catch {
            // The editor marks it; the value stays the last one that was JSON.
          }
        }}
      />
      {hint && <div className="hint">{hint}</div>}
    </div>
  );
}
