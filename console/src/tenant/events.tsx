// The recent events of a tenant's bus, and one of them with the runs that it started.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { POLL } from "../api/poll";
import { RunTable } from "../runs/list";
import { useChange } from "../runs/queries";
import { useCan, useTenant } from "../session/caller";
import { Action, CheckField, Dialog, SelectField, TextField } from "../ui/controls";
import { Editor, jsonError } from "../ui/editor";
import { Time } from "../ui/format";
import { Json } from "../ui/json";
import { Empty, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";
import { EventSubject } from "./event-subject";

const SINCE: [string, string][] = [
  ["15", "15 minutes"],
  ["60", "an hour"],
  ["1440", "a day"],
];
const MINUTE_MS = 60_000;

/** So many minutes ago, to the minute: reads within one minute are the same read, which an ETag answers. */
function minutesAgo(minutes: string): string {
  const at = Math.floor(Date.now() / MINUTE_MS - Number(minutes)) * MINUTE_MS;
  return new Date(at).toISOString();
}

export function Events() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const [query, setQuery] = useSearchParams();
  const [live, setLive] = useState(true);
  const [sending, setSending] = useState(false);
  const since = query.get("since") ?? "60";
  const name = query.get("name") ?? "";
  const chosen = query.get("id") ?? "";
  const set = (key: string, value: string) =>
    setQuery((now) => {
      const next = new URLSearchParams(now);
      if (value) next.set(key, value);
      else next.delete(key);
      return next;
    });
  const events = useQuery({
    queryKey: [tenant, "events", since],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/events", {
          params: { path: { tenant }, query: { since: minutesAgo(since) } },
        }),
      ),
    refetchInterval: live ? POLL.list : false,
  });
  return (
    <div className="stack">
      <div className="row between">
        <h1>Events</h1>
        {can("sendEvents") && <Action onPress={() => setSending(true)}>Send an event</Action>}
      </div>
      <div className="filters">
        <SelectField
          label="Of the last"
          value={since}
          onChange={(value) => set("since", value)}
          options={SINCE}
        />
        <TextField
          label="Name has"
          placeholder="asset."
          value={name}
          onChange={(value) => set("name", value)}
        />
        <CheckField label="Live" value={live} onChange={setLive} />
      </div>
      <Shown query={events}>
        {(data) => {
          const rows = [...data.events].reverse().filter((one) => one.name.includes(name));
          return (
            <>
              {chosen && (
                <OneEvent
                  tenant={tenant}
                  event={data.events.find((one) => one.id === chosen)}
                  id={chosen}
                  onClose={() => set("id", "")}
                />
              )}
              {rows.length === 0 ? (
                <Empty
                  title={name ? `No event of this time has “${name}” in its name` : "No event in this time"}
                >
                  <p>Changes of the catalog, what apps emit and what you send appear here.</p>
                </Empty>
              ) : (
                <Table
                  label="Events"
                  rows={rows}
                  rowKey={(row) => row.id}
                  columns={[
                    { title: "Time", cell: (row) => <Time at={row.time} /> },
                    {
                      title: "Event",
                      cell: (row) => (
                        <Action kind="plain" small onPress={() => set("id", row.id)}>
                          {row.name}
                        </Action>
                      ),
                    },
                    { title: "Source", small: "hide", cell: (row) => row.source },
                    {
                      title: "About",
                      small: "hide",
                      cell: (row) => <EventSubject tenant={tenant} detail={row.detail} />,
                    },
                  ]}
                />
              )}
            </>
          );
        }}
      </Shown>
      {sending && <SendEvent tenant={tenant} onClose={() => setSending(false)} />}
    </div>
  );
}

function OneEvent(props: {
  tenant: string;
  event: Schemas["LoggedEvent"] | undefined;
  id: string;
  onClose: () => void;
}) {
  const { tenant, event, id } = props;
  const runs = useQuery({
    queryKey: [tenant, "runs-of-event", id],
    queryFn: async () =>
      (
        await answer(
          api.GET("/v1/tenants/{tenant}/runs", { params: { path: { tenant }, query: { event: id } } }),
        )
      ).runs,
  });
  return (
    <Dialog title={event?.name ?? id} onClose={props.onClose} wide>
      <p className="muted small">
        <code>{id}</code> {event && <Time at={event.time} />} {event?.source}
      </p>
      {event && <Json value={event.detail ?? event.body?.value ?? null} label="The event" />}
      <h3>Runs that it started</h3>
      <Shown query={runs} rows={2}>
        {(rows) =>
          rows.length ? (
            <RunTable tenant={tenant} runs={rows} />
          ) : (
            <p className="muted">
              None. A start that failed is in the <Link to={`/t/${tenant}/dead`}>dead letters</Link>.
            </p>
          )
        }
      </Shown>
    </Dialog>
  );
}

function SendEvent({ tenant, onClose }: { tenant: string; onClose: () => void }) {
  const say = useSay();
  const [name, setName] = useState("");
  const [text, setText] = useState("{}");
  const wrong = jsonError(text);
  const send = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/events", {
        params: { path: { tenant } },
        body: { name, data: JSON.parse(text) as never },
      }),
    ),
  );
  return (
    <Dialog title="Send an event" onClose={onClose} wide>
      <TextField
        label="Name"
        placeholder="order.placed"
        value={name}
        onChange={setName}
        hint="Apps whose triggers match it start."
      />
      <Editor label="The event's data, as JSON" value={text} onChange={setText} />
      {wrong && <p className="wrong">{wrong}</p>}
      {send.error && <ProblemNotice problem={send.error} />}
      <div className="row">
        <Action
          kind="primary"
          isDisabled={name === "" || wrong !== "" || send.isPending}
          onPress={() =>
            send.mutate(undefined, {
              onSuccess: () => {
                say("The event is sent.");
                onClose();
              },
            })
          }
        >
          Send
        </Action>
        <Action onPress={onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}
