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
import { Empty, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";

type Letter = Schemas["DeadLetter"];

export function DeadLetters() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const [query, setQuery] = useSearchParams();
  const [open, setOpen] = useState("");
  const [all, setAll] = useState<Letter[] | null>(null);
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
      <p className="muted">Events and calls that should have started a run and did not. A redrive keeps their ids, so that nothing starts twice.</p>
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
        empty={<Empty title={state === "dead" ? "Every start became a run" : `No letter is ${state}`} />}
      >
        {(rows) => (
          <>
            {state === "dead" && can("redriveEvents") && (
              <div className="row">
                <Action onPress={() => setAll(rows)}>Redrive these {count(rows.length)}</Action>
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
      {open && <LetterDialog tenant={tenant} id={open} mayRedrive={can("redriveEvents")} onClose={() => setOpen("")} />}
      {all && <RedriveAll tenant={tenant} letters={all} onClose={() => setAll(null)} />}
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
  const drop = useChange(tenant, () => answer(api.POST("/v1/tenants/{tenant}/dead/{letter}/drop", { params: { path } })));
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
            {(redrive.error ?? drop.error) && <ProblemNotice problem={(redrive.error ?? drop.error) as Error} />}
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
                  onPress={() => drop.mutate(undefined, done("The letter is dropped, and its payload is deleted."))}
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

/** One after the other, so that the queue and the rate limit hold; what is refused is said, and the rest goes on. */
function RedriveAll({ tenant, letters, onClose }: { tenant: string; letters: Letter[]; onClose: () => void }) {
  const say = useSay();
  const [done, setDone] = useState(0);
  const redrive = useChange(tenant, async () => {
    let refused = 0;
    for (const one of letters) {
      try {
        await answer(
          api.POST("/v1/tenants/{tenant}/dead/{letter}/redrive", { params: { path: { tenant, letter: one.id } } }),
        );
      } catch {
        refused += 1;
      }
      setDone((now) => now + 1);
    }
    return refused;
  });
  return (
    <Confirm
      title={`Redrive ${count(letters.length)} starts?`}
      action={redrive.isPending ? `${done} of ${letters.length}` : "Redrive"}
      busy={redrive.isPending}
      error={redrive.error as never}
      onClose={onClose}
      onConfirm={() =>
        redrive.mutate(undefined, {
          onSuccess: (refused) => {
            say(refused ? `${count(refused)} of them were refused.` : "They are on the queue again.", refused ? "warn" : "good");
            onClose();
          },
        })
      }
    >
      <p>This touches {count(letters.length)} starts. Each that succeeds now becomes a run.</p>
    </Confirm>
  );
}
