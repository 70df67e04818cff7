// Members of a tenant or a publisher: one table and one form for both.
import { useState } from "react";
import type { Schemas } from "../api/client";
import { Action, Confirm, Dialog, SelectField, TextField } from "./controls";
import { Time } from "./format";
import { ProblemNotice } from "./states";
import { Table } from "./table";

export type MemberRole = "admin" | "member" | "viewer";
const KINDS: Record<string, string> = {
  user: "person",
  client: "machine",
  oidc: "trusted pipeline",
  "": "unknown",
};

export function MemberTable(props: {
  members: Schemas["Membership"][];
  mayManage: boolean;
  onAdd: (body: Schemas["Invitation"], done: () => void) => void;
  onRemove: (member: string, done: () => void) => void;
  error: Error | null;
  busy: boolean;
}) {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Schemas["Membership"] | null>(null);
  return (
    <>
      {props.mayManage && (
        <div className="row">
          <Action kind="primary" onPress={() => setAdding(true)}>
            Add a member
          </Action>
        </div>
      )}
      <Table
        label="Members"
        rows={props.members}
        rowKey={(row) => row.principal}
        columns={[
          { title: "Name", cell: (row) => row.name || row.principal },
          { title: "Role", cell: (row) => <span className="chip">{row.role}</span> },
          { title: "Kind", cell: (row) => KINDS[row.kind] },
          { title: "Since", small: "hide", cell: (row) => <Time at={row.created} /> },
          {
            title: "",
            cell: (row) =>
              props.mayManage && (
                <Action small onPress={() => setRemoving(row)}>
                  Remove
                </Action>
              ),
          },
        ]}
      />
      {adding && <AddMember {...props} onClose={() => setAdding(false)} />}
      {removing && (
        <Confirm
          title={`Remove ${removing.name || removing.principal}?`}
          action="Remove"
          danger
          busy={props.busy}
          error={props.error as never}
          onClose={() => setRemoving(null)}
          onConfirm={() => props.onRemove(removing.name || removing.principal, () => setRemoving(null))}
        >
          <p>From now on the API refuses them here.</p>
        </Confirm>
      )}
    </>
  );
}

function AddMember(props: {
  onAdd: (body: Schemas["Invitation"], done: () => void) => void;
  error: Error | null;
  busy: boolean;
  onClose: () => void;
}) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<MemberRole>("member");
  return (
    <Dialog title="Add a member" onClose={props.onClose}>
      <TextField label="Name" value={name} onChange={setName} placeholder="pat" />
      <TextField
        label="Email"
        type="email"
        value={email}
        onChange={setEmail}
        hint="Where the invitation goes. Without it an operator sets the password."
      />
      <SelectField
        label="Role"
        value={role}
        onChange={(value) => setRole(value as MemberRole)}
        options={[
          ["viewer", "viewer: sees, and changes nothing"],
          ["member", "member: starts runs and decides approvals"],
          ["admin", "admin: everything here"],
        ]}
      />
      {props.error && <ProblemNotice problem={props.error} />}
      <div className="row">
        <Action
          kind="primary"
          isDisabled={name === "" || props.busy}
          onPress={() => props.onAdd({ name, email, role }, props.onClose)}
        >
          Add
        </Action>
        <Action onPress={props.onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}
