// A step that waits for a person: what it holds, and how it goes on.
import { useRef, useState } from "react";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { type Pause, type Run, useChange } from "../runs/queries";
import { ErrorView } from "../runs/step";
import { useCaller, useCan } from "../session/caller";
import { Person } from "../session/person";
import { Action, Dialog, SelectField, TextField } from "../ui/controls";
import { Editor, jsonError } from "../ui/editor";
import { Ago, Time } from "../ui/format";
import { pretty } from "../ui/json";
import { Notice, ProblemNotice } from "../ui/states";
import { useSay } from "../ui/toasts";

export type Pauses = Pause[];
type Decision = Schemas["NewDecision"];

/** What waits, and who decided what waited when this page was open, or what somebody else had taken. */
export function PauseNotices({ tenant, run, pauses }: { tenant: string; run: Run; pauses: Pauses }) {
  const me = useCaller().principal;
  const [dialog, setDialog] = useState("");
  const seen = useRef(new Set<string>());
  const open = pauses.filter((one) => one.status === "waiting" || one.status === "wanted");
  for (const one of open) seen.current.add(one.id);
  const decided = pauses.filter(
    ({ id, decision }) =>
      decision && (decision.preempted || (seen.current.has(id) && (decision.by !== me || decision.agent))),
  );
  const looked = pauses.find((one) => one.id === dialog);
  return (
    <>
      {open.map((one) => (
        <PauseNotice key={one.id} tenant={tenant} pause={one} onDecide={() => setDialog(one.id)} />
      ))}
      {decided.map((one) => (
        <Notice key={`was-${one.id}`} role="status">
          <Decided pause={one} />
        </Notice>
      ))}
      {looked && (
        <PauseDialog key={looked.id} tenant={tenant} run={run} pause={looked} onClose={() => setDialog("")} />
      )}
    </>
  );
}

const DONE: Record<Decision["action"], string> = {
  go: "it goes on",
  retry: "the step runs again",
  output: "it goes on with another output",
  error: "the step fails",
};

/** Who decided a pause, how, and who had taken it before. */
function Decided({ pause }: { pause: Pause }) {
  const me = useCaller().principal;
  const decision = pause.decision;
  if (!decision) return null;
  const name = decision.name || decision.by;
  const who = decision.agent ? `A copilot of ${name}` : decision.by === me ? "You" : name;
  return (
    <>
      {who} decided the pause at {placeOfPause(pause)}: {DONE[decision.action]}
      {decision.edited && ", with edited input"}.
      {decision.preempted && ` ${hadIt(decision.preempted, decision.preempted_agent)} had taken it.`}
    </>
  );
}

function hadIt(name: string, agent: boolean): string {
  return agent ? `A copilot of ${name}` : name;
}

function placeOfPause(pause: Pause): string {
  return `${pause.state}${typeof pause.index === "number" ? `[${pause.index}]` : ""}`;
}

function PauseNotice({ tenant, pause, onDecide }: { tenant: string; pause: Pause; onDecide: () => void }) {
  const can = useCan(`tenant/${tenant}`);
  const me = useCaller().principal;
  const hand = pause.hand;
  return (
    <Notice kind="warn" role="status">
      <div className="row between">
        <div>
          <strong>
            Paused {pause.at === "error" ? "after the failure of" : pause.at} {placeOfPause(pause)}
          </strong>
          <div className="muted small">
            {pause.approval ? (
              "An approval decides"
            ) : (
              <>
                Breakpoint of <Person id={pause.armed_by} />
              </>
            )}{" "}
            · since <Ago at={pause.since} />
            {pause.until && (
              <>
                {" "}
                · until <Time at={pause.until} />
              </>
            )}{" "}
            · time in a pause does not count for timeouts
          </div>
          {hand && (
            <div className="small">
              {isMine(hand, me) ? "You have" : `${hadIt(hand.name || hand.by, hand.agent)} has`} taken it
              until <Time at={hand.until} />.
              {hand.agent && " It is still yours to decide: a person comes before a copilot."}
              {hand.preempted && ` ${hadIt(hand.preempted, hand.preempted_agent)} had it before.`}
            </div>
          )}
        </div>
        {pause.approval ? (
          <Link className="button primary" to={`/t/${tenant}/approvals/${pause.approval}`}>
            Decide the approval
          </Link>
        ) : (
          can("debugRuns") && (
            <Action kind="primary" isDisabled={pause.status !== "waiting"} onPress={onDecide}>
              {pause.status === "waiting" ? "Look and decide" : "It is stopping…"}
            </Action>
          )
        )}
      </div>
    </Notice>
  );
}

function isMine(hand: Pause["hand"], me: string): boolean {
  return hand?.by === me && !hand.agent;
}

/** What a pause holds, and the decision. Where somebody else decides meanwhile, it says who, and asks nothing more. */
function PauseDialog({
  tenant,
  run,
  pause,
  onClose,
}: {
  tenant: string;
  run: Run;
  pause: Pause;
  onClose: () => void;
}) {
  const say = useSay();
  const me = useCaller().principal;
  const path = { tenant, run: run.id, pause: pause.id };
  const body = pause.at === "after" ? pause.output : pause.input;
  const recorded = pretty(body?.value ?? null);
  const [text, setText] = useState(recorded);
  const [error, setError] = useState({ name: "Interlock.Skipped", cause: "" });
  const [action, setAction] = useState<Decision["action"]>(pause.at === "error" ? "retry" : "go");
  const edited = text !== recorded;
  const wrong = jsonError(text);
  const editable = (action === "go" && pause.at !== "error") || action === "output";
  const take = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/runs/{run}/pauses/{pause}/hand", { params: { path } })),
  );
  const decide = useChange(tenant, (step: boolean) =>
    answer(
      api.POST("/v1/tenants/{tenant}/runs/{run}/pauses/{pause}", {
        params: { path },
        // The output that a step returned is edited by putting another in its place.
        body: decision(
          action === "go" && edited && pause.at === "after" ? "output" : action,
          editable ? (JSON.parse(text) as unknown) : undefined,
          edited,
          error,
          step,
        ),
      }),
    ),
  );
  const send = (step: boolean) =>
    decide.mutate(step, {
      onSuccess: (after) => {
        const { preempted = "", preempted_agent = false } = after.decision ?? {};
        say(
          preempted
            ? `You decided. ${hadIt(preempted, preempted_agent)} had taken the pause, and is told.`
            : "The run goes on.",
        );
        onClose();
      },
    });
  const title = `Paused ${pause.at} ${pause.state}`;
  if (pause.decision && !decide.isPending && !decide.isSuccess)
    return (
      <Dialog title={title} onClose={onClose}>
        <Notice kind="warn" role="alert">
          <strong>It is decided already.</strong>
          <div>
            <Decided pause={pause} /> {edited && "What you wrote here was not used."}
          </div>
        </Notice>
        <div className="row">
          <Action kind="primary" onPress={onClose}>
            Close
          </Action>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={title} onClose={onClose} wide>
      {pause.error && <ErrorView error={pause.error} />}
      <div className="filters">
        <SelectField
          wide
          label="What to do"
          value={action}
          onChange={(value) => setAction(value as Decision["action"])}
          options={choices(pause)}
        />
        {!isMine(pause.hand, me) && (
          <Action isDisabled={take.isPending} onPress={() => take.mutate(undefined)}>
            Take it: copilots then wait
          </Action>
        )}
      </div>
      {editable && (
        <div className="field">
          <span className="label">
            {pause.at === "after" || action === "output" ? "Output" : "Input"}{" "}
            {edited ? (
              <span className="chip warn">edited, not what was recorded</span>
            ) : (
              <span className="muted">as it is</span>
            )}
          </span>
          <Editor
            label={`The ${pause.at === "after" || action === "output" ? "output" : "input"} of ${pause.state}, as JSON`}
            value={text}
            onChange={setText}
          />
          {wrong && <div className="wrong">{wrong}</div>}
        </div>
      )}
      {action === "error" && (
        <div className="filters">
          <TextField
            wide
            label="Error"
            value={error.name}
            onChange={(name) => setError({ ...error, name })}
            hint="Retry and Catch match it"
          />
          <TextField
            wide
            label="Cause"
            value={error.cause}
            onChange={(cause) => setError({ ...error, cause })}
          />
        </div>
      )}
      {take.error && <ProblemNotice problem={take.error} />}
      {decide.error && <ProblemNotice problem={decide.error} />}
      <div className="row">
        <Action
          kind="primary"
          isDisabled={decide.isPending || (editable && wrong !== "")}
          onPress={() => send(false)}
        >
          Go on
        </Action>
        <Action isDisabled={decide.isPending || (editable && wrong !== "")} onPress={() => send(true)}>
          Go on to the next step
        </Action>
        <Action onPress={onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}

function choices(pause: Pause): [string, string][] {
  const rest: [string, string][] = [
    ["output", "skip the step: the output is this"],
    ["error", "fail the step"],
  ];
  if (pause.at === "before") return [["go", "run the step"], ...rest];
  if (pause.at === "after")
    return [["go", "go on with its output"], ["retry", "run the step again"], ...rest];
  return [["retry", "run the step again"], ["go", "let it fail"], ...rest];
}

function decision(
  action: Decision["action"],
  value: unknown,
  edited: boolean,
  error: { name: string; cause: string },
  step: boolean,
): Decision {
  const plain: Decision = { action, edited: false, error: "", cause: "", step };
  if (action === "go") return edited ? { ...plain, edited: true, input: value } : plain;
  if (action === "output") return { ...plain, output: value };
  if (action === "error") return { ...plain, error: error.name, cause: error.cause };
  return plain;
}
