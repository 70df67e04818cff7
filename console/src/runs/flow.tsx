// What a state did with its data: each stage from its input to what it handed on. Read when a reader opens it.
import { useState } from "react";
import { Action, SelectField } from "../ui/controls";
import { bytes, count } from "../ui/format";
import { Json } from "../ui/json";
import { Empty, Notice, Shown } from "../ui/states";
import { isOver, type Outline, type Run, useFlows } from "./queries";
import { changeText, LISTED, placeText, type StageView, type StateFlow, toStages } from "./stages";

/** Of one visit of a Task. */
export function VisitFlow(props: { tenant: string; run: Run; place: string; outline: Outline }) {
  const { outline } = props;
  const query = useFlows(props.tenant, props.run, props.place);
  return (
    <Shown query={query} rows={3}>
      {({ flows }) => {
        const own = flows.filter((one) => one.entered === outline.entered && one.digest === outline.digest);
        return own[0] ? (
          <Stages flow={own[0]} />
        ) : (
          <NoFlow run={props.run} onAgain={() => void query.refetch()} stopped={outline.stopped} />
        );
      }}
    </Shown>
  );
}

/** Of a state that calls no step: every entry into it, one at a time. */
export function StateFlows(props: { tenant: string; run: Run; state: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="stack" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Data flow</summary>
      {open && <Entries {...props} />}
    </details>
  );
}

function Entries(props: { tenant: string; run: Run; state: string }) {
  const query = useFlows(props.tenant, props.run, props.state);
  const [chosen, setChosen] = useState(0);
  return (
    <Shown query={query} rows={3}>
      {({ flows, cursor }) => {
        const flow = flows[chosen] ?? flows[0];
        if (!flow) return <NoFlow run={props.run} onAgain={() => void query.refetch()} stopped={false} />;
        return (
          <>
            {flows.length > 1 && (
              <SelectField
                label={`Entry, of ${count(flows.length)}${cursor ? " or more" : ""}`}
                value={String(flows.indexOf(flow))}
                onChange={(value) => setChosen(Number(value))}
                options={flows.map((one, at): [string, string] => [
                  String(at),
                  `${at + 1}: ${placeText(one)}`,
                ])}
                hint={cursor ? "The first ones are listed; interlock run show --states has all." : undefined}
              />
            )}
            <Stages key={chosen} flow={flow} />
          </>
        );
      }}
    </Shown>
  );
}

function NoFlow(props: { run: Run; stopped: boolean; onAgain: () => void }) {
  if (props.stopped)
    return (
      <p className="muted">
        A breakpoint stopped this visit. The visit after it shows how the state went on.
      </p>
    );
  return (
    <Empty title="The data flow is not known">
      <p>
        {isOver(props.run)
          ? "The run did not come here, as far as its records tell."
          : "The run goes on: it is known once what comes before this state has ended."}
      </p>
      {!isOver(props.run) && (
        <Action small onPress={props.onAgain}>
          Read again
        </Action>
      )}
    </Empty>
  );
}

function Stages({ flow }: { flow: StateFlow }) {
  return (
    <section className="stack" aria-label={`Data flow of ${flow.state}`}>
      {!flow.exact && (
        <Notice kind="warn">
          The recorded input differs from the computed one: it was edited, or the workflow makes a part of it
          new each time (ids, times).
        </Notice>
      )}
      {flow.type === "Choice" && flow.next && (
        <p>
          {typeof flow.rule === "number" ? `Rule ${flow.rule + 1} matched` : "No rule matched"}; it went to{" "}
          <strong>{flow.next}</strong>.
        </p>
      )}
      {typeof flow.items === "number" && <p>{count(flow.items)} items.</p>}
      {toStages(flow).map((stage) => (
        <StageFold key={stage.key} stage={stage} />
      ))}
      {flow.error && (
        <Notice kind={flow.next ? "warn" : "bad"}>
          <strong>{flow.error}</strong>
          {flow.next && <> caught, and went to {flow.next}</>}
        </Notice>
      )}
      {!flow.over && <p className="muted">The state goes on.</p>}
    </section>
  );
}

function StageFold({ stage }: { stage: StageView }) {
  const changed = changeText(stage.changes);
  return (
    <details>
      <summary>
        <strong>{stage.name}</strong> <span className="muted">{stage.about}</span>{" "}
        {changed && <span className={`chip ${stage.changes?.length ? "warn" : ""}`}>{changed}</span>}
      </summary>
      {stage.changes && stage.changes.length > 0 && stage.changes[0]?.at !== "" && (
        <ul className="small" aria-label={`What ${stage.name} changes`}>
          {stage.changes.slice(0, LISTED).map((change) => (
            <li key={`${change.kind} ${change.at}`}>
              <code>{change.at}</code> {change.kind === "changed" ? "has another value" : `is ${change.kind}`}
            </li>
          ))}
          {stage.changes.length > LISTED && <li>and more</li>}
        </ul>
      )}
      {stage.large !== undefined && stage.value === null ? (
        <p className="muted">{bytes(stage.large)}: too large to show here.</p>
      ) : (
        <Json value={stage.value} label={`${stage.name} of the data flow`} />
      )}
    </details>
  );
}
