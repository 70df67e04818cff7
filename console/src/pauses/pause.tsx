// A step that waits for a person: what it holds, and how it goes on.
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { type Pause, type Run, useChange } from "../runs/queries";
import { ErrorView } from "../runs/step";
import { useCaller, useCan } from "../session/caller";
import { Action, Dialog, SelectField, TextField } from "../ui/controls";
import { Editor, jsonError } from "../ui/editor";
import { Ago, Time } from "../ui/format";
import { pretty } from "../ui/json";
import { Notice, ProblemNotice } from "../ui/states";
import { useSay } from "../ui/toasts";

export type Pauses = Pause[];
type Decision = Schemas["NewDecision"];

export function PauseNotices({ tenant, run, pauses }: { tenant: string; run: Run; pauses: Pauses }) {
  const open = pauses.filter((one) => one.status === "waiting" || one.status === "wanted");
  const preempted = pauses.filter((one) => one.decision?.preempted);
  return (
    <>
      {open.map((one) => (
        <PauseNotice key={one.id} tenant={tenant} run={run} pause={one} />
      ))}
      {preempted.map((one) => (
        <Notice key={`was-${one.id}`}>
          {one.decision?.by} decided the pause at {one.state}
          {one.decision?.agent && " by a copilot"}; {one.decision?.preempted} had taken it.
        </Notice>
      ))}
    </>
  );
}

export function PauseNotice({ tenant, run, pause }: { tenant: string; run: Run; pause: Pause }) {
  const can = useCan(`tenant/${tenant}`);
  const me = useCaller().principal;
  const [open, setOpen] = useState(false);
  const place = `${pause.state}${typeof pause.index === "number" ? `[${pause.index}]` : ""}`;
  const hand = pause.hand;
  return (
    <Notice kind="warn" role="status">
      <div className="row between">
        <div>
          <strong>
            Paused {pause.at === "error" ? "after the failure of" : pause.at} {place}
          </strong>
          <div className="muted small">
            {pause.approval ? "An approval decides" : `Breakpoint of ${pause.armed_by}`} · since{" "}
            <Ago at={pause.since} />
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
              {hand.by === me && !hand.agent
                ? "You have"
                : `${hand.agent ? "A copilot of " : ""}${hand.by} has`}{" "}
              taken it until <Time at={hand.until} />.
              {hand.preempted && ` It was ${hand.preempted}'s before.`}
            </div>
          )}
        </div>
        {pause.approval ? (
          <Link className="button primary" to={`/t/${tenant}/approvals/${pause.approval}`}>
            Decide the approval
          </Link>
        ) : (
          can("debugRuns") && (
            <Action kind="primary" isDisabled={pause.status !== "waiting"} onPress={() => setOpen(true)}>
              {pause.status === "waiting" ? "Look and decide" : "It is stopping…"}
            </Action>
          )
        )}
      </div>
      {open && <PauseDialog tenant={tenant} run={run} pause={pause} onClose={() => setOpen(false)} />}
    </Notice>
  );
}

/** Opening it takes the pause: copilots don't decide it meanwhile. */
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
        const others = after.decision?.preempted;
        say(others ? `You decided; ${others} had taken the pause and is told.` : "The run goes on.");
        onClose();
      },
    });
  return (
    <Dialog title={`Paused ${pause.at} ${pause.state}`} onClose={onClose} wide>
      {pause.error && <ErrorView error={pause.error} />}
      <div className="filters">
        <SelectField
          wide
          label="What to do"
          value={action}
          onChange={(value) => setAction(value as Decision["action"])}
          options={choices(pause)}
        />
        {!pause.hand && (
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
