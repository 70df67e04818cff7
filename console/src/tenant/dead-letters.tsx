// Starts that did not become runs: why, with what, and again.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useChange } from "../runs/queries";
import { Status } from "../runs/status";
import { useCan, useTenant } from "../session/caller";
import { Action, Confirm, Dialog, SelectField } from "../ui/controls";
import { Ago, count, Time } from "../ui/format";
import { Json } from "../ui/json";
import { Pages, usePages } from "../ui/more";
import { Empty, Loading, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";

export function DeadLetters() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const [query, setQuery] = useSearchParams();
  const [open, setOpen] = useState("");
  const [all, setAll] = useState(false);
  const state = (query.get("state") ?? "dead") as "dead" | "redriven" | "dropped";
  const pages = usePages([tenant, "dead", state], (cursor) =>
    answer(
      api.GET("/v1/tenants/{tenant}/dead", {
        params: { path: { tenant }, query: { state, limit: 50, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <div className="stack">
      <h1>Dead letters</h1>
      <p className="muted">
        Events and calls that should have started a run and did not. A redrive keeps their ids, so that
        nothing starts twice.
      </p>
      <div className="filters">
        <SelectField
          label="State"
          value={state}
          onChange={(value) => setQuery({ state: value })}
          options={["dead", "redriven", "dropped"]}
        />
      </div>
      <Pages
        query={pages}
        rows={(page) => page.letters}
        empty={
          <Empty title={state === "dead" ? "Every start became a run" : `No letter is ${state}`}>
            {state === "dead" && <p>A start that can&apos;t become a run waits here, with the reason.</p>}
          </Empty>
        }
      >
        {(rows) => (
          <>
            {state === "dead" && can("redriveEvents") && (
              <div className="row">
                <Action onPress={() => setAll(true)}>Redrive all…</Action>
              </div>
            )}
            <Table
              label="Dead letters"
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                {
                  title: "Why",
                  cell: (row) => (
                    <>
                      <Action kind="plain" small onPress={() => setOpen(row.id)}>
                        {row.what}
                      </Action>
                      <div className="muted small">
                        <code>{row.code}</code> {row.count > 1 && `${row.count} times`}
                      </div>
                    </>
                  ),
                },
                {
                  title: "For",
                  cell: (row) => (
                    <>
                      {row.app} <span className="muted">{row.install_name}</span>
                      <div className="muted small">
                        {row.workflow} · {row.event || row.trigger}
                      </div>
                    </>
                  ),
                },
                { title: "Last", cell: (row) => <Ago at={row.last} /> },
                { title: "State", cell: (row) => <Status value={row.state} /> },
              ]}
            />
          </>
        )}
      </Pages>
      {open && (
        <LetterDialog
          tenant={tenant}
          id={open}
          mayRedrive={can("redriveEvents")}
          onClose={() => setOpen("")}
        />
      )}
      {all && <RedriveAll tenant={tenant} onClose={() => setAll(false)} />}
    </div>
  );
}

function LetterDialog(props: { tenant: string; id: string; mayRedrive: boolean; onClose: () => void }) {
  const { tenant, id } = props;
  const say = useSay();
  const path = { tenant, letter: id };
  const letter = useQuery({
    queryKey: [tenant, "dead", id],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/dead/{letter}", { params: { path } })),
  });
  const redrive = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/dead/{letter}/redrive", { params: { path } })),
  );
  const drop = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/dead/{letter}/drop", { params: { path } })),
  );
  const done = (text: string) => ({
    onSuccess: () => {
      say(text);
      props.onClose();
    },
  });
  return (
    <Dialog title="Dead letter" onClose={props.onClose} wide>
      <Shown query={letter}>
        {(data) => (
          <>
            <div className="row">
              <Status value={data.letter.state} /> <strong>{data.letter.what}</strong>
            </div>
            {data.letter.next_step && <p>Next: {data.letter.next_step}</p>}
            <dl className="pairs small">
              <dt>First</dt>
              <dd>
                <Time at={data.letter.first} />
              </dd>
              <dt>Last</dt>
              <dd>
                <Time at={data.letter.last} />
              </dd>
              {data.run && (
                <>
                  <dt>Became</dt>
                  <dd>
                    <Link to={`/t/${tenant}/runs/${data.run}`}>{data.run}</Link>
                  </dd>
                </>
              )}
            </dl>
            <Json value={data.payload ?? null} label="What should have started the run" />
            {(redrive.error ?? drop.error) && (
              <ProblemNotice problem={(redrive.error ?? drop.error) as Error} />
            )}
            {data.letter.state === "dead" && props.mayRedrive && (
              <div className="row">
                <Action
                  kind="primary"
                  isDisabled={redrive.isPending}
                  onPress={() => redrive.mutate(undefined, done("The start is on the queue again."))}
                >
                  Redrive
                </Action>
                <Action
                  kind="danger"
                  isDisabled={drop.isPending}
                  onPress={() =>
                    drop.mutate(undefined, done("The letter is dropped, and its payload is deleted."))
                  }
                >
                  Drop
                </Action>
              </div>
            )}
          </>
        )}
      </Shown>
    </Dialog>
  );
}

/** Counted first, then put back a page at a time on the server; what is refused is said, and the rest goes on. */
function RedriveAll({ tenant, onClose }: { tenant: string; onClose: () => void }) {
  const say = useSay();
  const [done, setDone] = useState(0);
  const counted = useQuery({
    queryKey: [tenant, "dead-count"],
    queryFn: () => redriveAll(tenant, true),
    staleTime: 0,
  });
  const redrive = useChange(tenant, () => redriveAll(tenant, false, setDone));
  const matched = counted.data?.matched ?? 0;
  return (
    <Confirm
      title="Redrive every dead letter?"
      action={redrive.isPending ? `${count(done)} of ${count(matched)}` : `Redrive ${count(matched)}`}
      busy={redrive.isPending || matched === 0}
      error={(redrive.error ?? counted.error) as never}
      onClose={onClose}
      onConfirm={() =>
        redrive.mutate(undefined, {
          onSuccess: ({ refused }) => {
            say(
              refused ? `${count(refused)} of them were refused.` : "They are on the queue again.",
              refused ? "warn" : "good",
            );
            onClose();
          },
        })
      }
    >
      {counted.isPending ? (
        <Loading rows={1} label="Counting" />
      ) : (
        <p>This touches {count(matched)} starts. Each that succeeds now becomes a run.</p>
      )}
    </Confirm>
  );
}

async function redriveAll(tenant: string, count_only: boolean, onProgress?: (matched: number) => void) {
  let matched = 0;
  let refused = 0;
  let cursor: string | null | undefined;
  do {
    const page: Schemas["BulkRedriven"] = await answer(
      api.POST("/v1/tenants/{tenant}/dead:redrive", {
        params: { path: { tenant } },
        body: { install: "", code: "", count_only, ...(cursor ? { cursor } : {}) },
      }),
    );
    matched += page.matched;
    refused += page.refused.length;
    cursor = page.cursor;
    onProgress?.(matched);
  } while (cursor);
  return { matched, refused };
}
