// Webhooks of a tenant, and the deliveries of one.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useChange } from "../runs/queries";
import { Status } from "../runs/status";
import { useCan, useTenant } from "../session/caller";
import { Action, Confirm, Copy, Dialog, TextField } from "../ui/controls";
import { Time } from "../ui/format";
import { Json } from "../ui/json";
import { Pages, usePages } from "../ui/more";
import { Empty, Notice, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";

const OVERLAP_HOURS = 24;

export function Webhooks() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const [adding, setAdding] = useState(false);
  const query = useQuery({
    queryKey: [tenant, "webhooks"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/webhooks", { params: { path: { tenant } } })),
  });
  return (
    <div className="stack">
      <div className="row between">
        <h1>Webhooks</h1>
        {can("setWebhooks") && (
          <Action kind="primary" onPress={() => setAdding(true)}>
            Add a webhook
          </Action>
        )}
      </div>
      <Shown query={query}>
        {({ webhooks }) =>
          webhooks.length === 0 ? (
            <Empty title="There are no webhooks">
              <p>A webhook is told of events by a signed POST.</p>
            </Empty>
          ) : (
            <Table
              label="Webhooks"
              rows={webhooks}
              rowKey={(row) => row.id}
              columns={[
                {
                  title: "Address",
                  cell: (row) => <Link to={`/t/${tenant}/webhooks/${row.id}`}>{row.url}</Link>,
                },
                { title: "Events", cell: (row) => row.events.join(", ") },
                {
                  title: "Status",
                  cell: (row) => (
                    <>
                      <Status value={row.status} />
                      {row.why && <div className="muted small">{row.why}</div>}
                    </>
                  ),
                },
                { title: "Created", small: "hide", cell: (row) => <Time at={row.created} /> },
              ]}
            />
          )
        }
      </Shown>
      {adding && <AddWebhook tenant={tenant} onClose={() => setAdding(false)} />}
    </div>
  );
}

function AddWebhook({ tenant, onClose }: { tenant: string; onClose: () => void }) {
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState("run.failed");
  const add = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/webhooks", {
        params: { path: { tenant } },
        body: { url, events: events.split(",").map((one) => one.trim()), where: {} },
      }),
    ),
  );
  if (add.data) return <NewSecret secret={add.data.secret} onClose={onClose} />;
  return (
    <Dialog title="Add a webhook" onClose={onClose}>
      <TextField
        label="Address"
        type="url"
        placeholder="https://example.com/hook"
        value={url}
        onChange={setUrl}
      />
      <TextField
        label="Events"
        value={events}
        onChange={setEvents}
        hint="Names with commas between them; run.* is all of runs."
      />
      {add.error && <ProblemNotice problem={add.error} />}
      <div className="row">
        <Action kind="primary" isDisabled={url === "" || add.isPending} onPress={() => add.mutate(undefined)}>
          Add
        </Action>
        <Action onPress={onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}

/** A secret is in one answer, and in no other. */
function NewSecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog title="The webhook's secret" onClose={onClose}>
      <Notice kind="warn">
        Keep it now: it is not shown again. It verifies the signature of each delivery.
      </Notice>
      <code className="json">{secret}</code>
      <div className="row">
        <Copy text={secret} label="Copy the secret" />
        <Action kind="primary" onPress={onClose}>
          I have kept it
        </Action>
      </div>
    </Dialog>
  );
}

export function WebhookPage() {
  const tenant = useTenant();
  const { webhook: id = "" } = useParams();
  const path = { tenant, webhook: id };
  const query = useQuery({
    queryKey: [tenant, "webhook", id],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/webhooks/{webhook}", { params: { path } })),
  });
  return (
    <Shown query={query} title="Webhook">
      {(webhook) => <WebhookView tenant={tenant} webhook={webhook} />}
    </Shown>
  );
}

function WebhookView({ tenant, webhook }: { tenant: string; webhook: Schemas["Webhook"] }) {
  const say = useSay();
  const can = useCan(`tenant/${tenant}`);
  const [dialog, setDialog] = useState<"delete" | "rotate" | null>(null);
  const path = { tenant, webhook: webhook.id };
  const test = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/test", { params: { path } })),
  );
  const toggle = useChange(tenant, () =>
    answer(
      webhook.status === "active"
        ? api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/disable", { params: { path } })
        : api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/enable", { params: { path } }),
    ),
  );
  const remove = useChange(tenant, () =>
    answer(api.DELETE("/v1/tenants/{tenant}/webhooks/{webhook}", { params: { path } })),
  );
  const rotate = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/rotate", {
        params: { path },
        body: { overlap_hours: OVERLAP_HOURS },
      }),
    ),
  );
  const again = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/redeliver", { params: { path } })),
  );
  return (
    <div className="stack">
      <p className="muted small cut">
        <Link to={`/t/${tenant}/webhooks`}>Webhooks</Link> › {webhook.url}
      </p>
      <div className="row between">
        <div className="row">
          <h1 className="cut">{webhook.url}</h1>
          <Status value={webhook.status} />
        </div>
        {can("setWebhooks") && (
          <div className="row">
            <Action
              onPress={() =>
                test.mutate(undefined, {
                  onSuccess: (attempt) =>
                    say(
                      `It answered ${attempt.status || attempt.error}.`,
                      attempt.status < 300 && attempt.status > 0 ? "good" : "bad",
                    ),
                })
              }
            >
              Send a test
            </Action>
            <Action onPress={() => toggle.mutate(undefined)}>
              {webhook.status === "active" ? "Disable" : "Enable"}
            </Action>
            <Action onPress={() => setDialog("rotate")}>Rotate the secret</Action>
            <Action
              onPress={() =>
                again.mutate(undefined, { onSuccess: () => say("Failed deliveries are sent again.") })
              }
            >
              Send failed again
            </Action>
            <Action kind="danger" onPress={() => setDialog("delete")}>
              Delete
            </Action>
          </div>
        )}
      </div>
      {[test.error, toggle.error, again.error].map(
        (error) => error && <ProblemNotice key={error.message} problem={error} />,
      )}
      {webhook.why && <Notice kind="warn">{webhook.why}</Notice>}
      <dl className="pairs">
        <dt>Events</dt>
        <dd>{webhook.events.join(", ")}</dd>
      </dl>
      <h2>Deliveries</h2>
      <Deliveries tenant={tenant} webhook={webhook.id} mayRedeliver={can("setWebhooks")} />
      {dialog === "delete" && (
        <Confirm
          title="Delete this webhook?"
          action="Delete"
          danger
          busy={remove.isPending}
          error={remove.error as never}
          onClose={() => setDialog(null)}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => window.history.back() })}
        >
          <p>Its deliveries that wait are given up. This can&apos;t be undone.</p>
        </Confirm>
      )}
      {dialog === "rotate" &&
        (rotate.data ? (
          <NewSecret secret={rotate.data.secret} onClose={() => setDialog(null)} />
        ) : (
          <Confirm
            title="Rotate the secret?"
            action="Rotate"
            busy={rotate.isPending}
            error={rotate.error as never}
            onClose={() => setDialog(null)}
            onConfirm={() => rotate.mutate(undefined)}
          >
            <p>For a day each delivery is signed with both secrets.</p>
          </Confirm>
        ))}
    </div>
  );
}

function Deliveries({
  tenant,
  webhook,
  mayRedeliver,
}: {
  tenant: string;
  webhook: string;
  mayRedeliver: boolean;
}) {
  const say = useSay();
  const pages = usePages([tenant, "deliveries", webhook], (cursor) =>
    answer(
      api.GET("/v1/tenants/{tenant}/webhooks/{webhook}/deliveries", {
        params: { path: { tenant, webhook }, query: cursor ? { cursor } : {} },
      }),
    ),
  );
  const again = useChange(tenant, (delivery: string) =>
    answer(
      api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/deliveries/{delivery}/redeliver", {
        params: { path: { tenant, webhook, delivery } },
      }),
    ),
  );
  return (
    <Pages query={pages} rows={(page) => page.deliveries} empty={<Empty title="Nothing was delivered yet" />}>
      {(rows) => (
        <Table
          label="Deliveries"
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { title: "Status", cell: (row) => <Status value={row.status} /> },
            {
              title: "Event",
              cell: (row) => (
                <details>
                  <summary>{row.event}</summary>
                  <Json value={row.body.value ?? null} label="What was sent" />
                </details>
              ),
            },
            { title: "Created", cell: (row) => <Time at={row.created} /> },
            {
              title: "Attempts",
              cell: (row) =>
                row.attempts.map((one) => (
                  <div key={one.at} className="small">
                    <Time at={one.at} /> {one.status || one.error}{" "}
                    {one.answer && <span className="muted">{one.answer.slice(0, 80)}</span>}
                  </div>
                )),
            },
            {
              title: "",
              cell: (row) =>
                mayRedeliver && (
                  <Action
                    small
                    onPress={() =>
                      again.mutate(row.id, { onSuccess: () => say("The delivery is sent again.") })
                    }
                  >
                    Send again
                  </Action>
                ),
            },
          ]}
        />
      )}
    </Pages>
  );
}
