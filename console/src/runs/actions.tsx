// What can be done with a run as a whole. All of it is in the header, where it is looked for.
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api } from "../api/client";
import { useCan } from "../session/caller";
import { Action, ActionMenu, Confirm, TextField } from "../ui/controls";
import { plural } from "../ui/format";
import { ProblemNotice } from "../ui/states";
import { useSay } from "../ui/toasts";
import { AddBreakpoint } from "./breakpoints";
import { ForkDialog } from "./fork";
import { isOver, type Run, useChange } from "./queries";

export function RunActions({ tenant, run }: { tenant: string; run: Run }) {
  const can = useCan(`tenant/${tenant}`);
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<"fork" | "stop" | "break" | "again" | null>(null);
  const close = () => setDialog(null);
  const exportRun = useExport(tenant, run);
  const other = run.fork?.parent;
  return (
    <div className="row">
      {isOver(run) && can("debugRuns") && (
        <Action kind="primary" onPress={() => setDialog("fork")}>
          {run.status === "failed" ? "Fork with a fix" : "Fork"}
        </Action>
      )}
      {!isOver(run) && can("debugRuns") && (
        <>
          <Action onPress={() => setDialog("break")}>Add breakpoint</Action>
          <Action kind="danger" onPress={() => setDialog("stop")}>
            Stop
          </Action>
        </>
      )}
      <ActionMenu
        label="More"
        name="More actions on the run"
        entries={[
          ...(can("startRuns")
            ? [{ id: "again", label: "Start again with the same input", onAction: () => setDialog("again") }]
            : []),
          {
            id: "diff",
            label: other ? "Compare with its parent" : "Compare with another run",
            onAction: () =>
              void navigate(
                `/t/${tenant}/diff?${new URLSearchParams(other ? { a: other, b: run.id } : { b: run.id })}`,
              ),
          },
          {
            id: "like",
            label: "Runs of this workflow",
            onAction: () =>
              void navigate(
                `/t/${tenant}/runs?${new URLSearchParams({ app: run.app, workflow: run.workflow })}`,
              ),
          },
          ...(run.fingerprint
            ? [
                {
                  id: "same",
                  label: "Runs that failed in this way",
                  onAction: () => void navigate(`/t/${tenant}/runs?fingerprint=${run.fingerprint}`),
                },
                ...(can("debugRuns")
                  ? [
                      {
                        id: "bulk",
                        label: "Fork all that failed in this way",
                        onAction: () => void navigate(`/t/${tenant}/bulk?fingerprint=${run.fingerprint}`),
                      },
                    ]
                  : []),
              ]
            : []),
          ...(isOver(run) && can("readRecordedSteps")
            ? [
                {
                  id: "export",
                  label: "Download the export",
                  hint: "redacted",
                  onAction: () => void exportRun(),
                },
              ]
            : []),
        ]}
      />
      {dialog === "fork" && <ForkDialog tenant={tenant} run={run} at="" onClose={close} />}
      {dialog === "stop" && <StopDialog tenant={tenant} run={run} onClose={close} />}
      {dialog === "break" && <AddBreakpoint tenant={tenant} run={run} state="*" onClose={close} />}
      {dialog === "again" && <AgainDialog tenant={tenant} run={run} onClose={close} />}
    </div>
  );
}

function StopDialog({ tenant, run, onClose }: { tenant: string; run: Run; onClose: () => void }) {
  const say = useSay();
  const [reason, setReason] = useState("");
  const stop = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/runs/{run}/stop", {
        params: { path: { tenant, run: run.id } },
        body: { reason },
      }),
    ),
  );
  return (
    <Confirm
      title="Stop this run?"
      action="Stop the run"
      danger
      busy={stop.isPending}
      error={stop.error as never}
      onClose={onClose}
      onConfirm={() =>
        stop.mutate(undefined, {
          onSuccess: () => {
            say("The run is being stopped.");
            onClose();
          },
        })
      }
    >
      <p>
        A step that is at work ends; nothing after it runs. What it has done stays done. You can fork the run
        later.
      </p>
      <TextField label="Why" value={reason} onChange={setReason} placeholder="It reads the wrong table" />
    </Confirm>
  );
}

function AgainDialog({ tenant, run, onClose }: { tenant: string; run: Run; onClose: () => void }) {
  const navigate = useNavigate();
  const start = useChange(tenant, async () => {
    const whole = await answer(
      api.GET("/v1/tenants/{tenant}/runs/{run}", {
        params: { path: { tenant, run: run.id }, query: { whole: true } },
      }),
    );
    return answer(
      api.POST("/v1/tenants/{tenant}/runs", {
        params: { path: { tenant } },
        body: {
          app: run.app,
          install: run.install,
          workflow: run.workflow,
          input: whole.input.value ?? null,
          key: "",
          breakpoints: [],
          tags: [],
        },
      }),
    );
  });
  return (
    <Confirm
      title="Start a new run with the same input?"
      action="Start"
      busy={start.isPending}
      error={start.error as never}
      onClose={onClose}
      onConfirm={() =>
        start.mutate(undefined, { onSuccess: (next) => void navigate(`/t/${tenant}/runs/${next.run}`) })
      }
    >
      <p>
        Every step runs, and its effects happen again. To keep what this run has done and go on from one step,
        fork it instead.
      </p>
    </Confirm>
  );
}

/** The platform writes the file; the browser saves it from a URL that answers for some minutes. */
function useExport(tenant: string, run: Run) {
  const say = useSay();
  return async () => {
    say("The platform writes the export.");
    try {
      const file = await answer(
        api.POST("/v1/tenants/{tenant}/runs/{run}/export", { params: { path: { tenant, run: run.id } } }),
      );
      const link = document.createElement("a");
      link.href = file.url;
      link.download = file.name;
      link.click();
      const removed =
        file.removed === 0 ? "Nothing was sensitive." : `${plural(file.removed, "value")} taken out.`;
      say(`${file.name}: ${plural(file.steps, "record")}. ${removed}`);
    } catch (error) {
      say(<ProblemNotice problem={error as Error} />, "bad");
    }
  };
}
