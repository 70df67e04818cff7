// One approval of a tenant: the question, what the workflow shows, and the answer.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { POLL } from "../api/poll";
import { useChange } from "../runs/queries";
import { Status } from "../runs/status";
import { useCan, useTenant } from "../session/caller";
import { Person } from "../session/person";
import { Action, TextField } from "../ui/controls";
import { Time } from "../ui/format";
import { Json } from "../ui/json";
import { ProblemNotice, Shown } from "../ui/states";
import { useSay } from "../ui/toasts";

export function ApprovalPage() {
  const tenant = useTenant();
  const { approval = "" } = useParams();
  const query = useQuery({
    queryKey: [tenant, "approval", approval],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/approvals/{approval}", { params: { path: { tenant, approval } } }),
      ),
    refetchInterval: ({ state }) => (state.data?.status === "waiting" ? POLL.inbox : false),
  });
  const can = useCan(`tenant/${tenant}`);
  const decide = useChange(tenant, (body: Schemas["Verdict"]) =>
    answer(
      api.POST("/v1/tenants/{tenant}/approvals/{approval}", { params: { path: { tenant, approval } }, body }),
    ),
  );
  return (
    <Shown query={query} title="Approval">
      {(data) => (
        <ApprovalView
          approval={data}
          run={data.run ? <Link to={`/t/${tenant}/runs/${data.run}`}>{data.run}</Link> : null}
          decide={can("decideApprovals") ? (body, options) => decide.mutate(body, options) : undefined}
          busy={decide.isPending}
          error={decide.error}
        />
      )}
    </Shown>
  );
}

export function ApprovalView(props: {
  approval: Schemas["Approval"];
  run: React.ReactNode;
  decide: ((body: Schemas["Verdict"], options: { onSuccess: () => void }) => void) | undefined;
  busy: boolean;
  error: Error | null;
}) {
  const { approval } = props;
  const say = useSay();
  const [comment, setComment] = useState("");
  const send = (approve: boolean) =>
    props.decide?.(
      { approve, comment },
      { onSuccess: () => say(approve ? "You approved." : "You rejected.", approve ? "good" : "warn") },
    );
  return (
    <div className="stack">
      <div className="row">
        <h1>{approval.question}</h1>
        <Status value={approval.status} />
      </div>
      <dl className="pairs">
        <dt>About</dt>
        <dd>{approval.subject}</dd>
        {props.run && (
          <>
            <dt>Run</dt>
            <dd>{props.run}</dd>
          </>
        )}
        <dt>Who decides</dt>
        <dd>{[...approval.approvers, ...(approval.escalated ? approval.escalate_to : [])].join(", ")}</dd>
        <dt>Asked</dt>
        <dd>
          <Time at={approval.asked} />
        </dd>
        <dt>Until</dt>
        <dd>
          <Time at={approval.deadline} />
        </dd>
        {approval.by && (
          <>
            <dt>Decided by</dt>
            <dd>
              <Person id={approval.by} />
              {approval.comment && `: ${approval.comment}`}
            </dd>
          </>
        )}
      </dl>
      {approval.data !== undefined && approval.data !== null && (
        <>
          <h2>What the workflow shows</h2>
          <Json value={approval.data} label="What the workflow shows" />
        </>
      )}
      {approval.status === "waiting" && props.decide && (
        <section className="card stack" aria-label="Your answer">
          <TextField label="Comment" value={comment} onChange={setComment} rows={2} />
          {props.error && <ProblemNotice problem={props.error} />}
          <div className="row">
            <Action kind="primary" isDisabled={props.busy} onPress={() => send(true)}>
              Approve
            </Action>
            <Action kind="danger" isDisabled={props.busy} onPress={() => send(false)}>
              Reject
            </Action>
          </div>
        </section>
      )}
    </div>
  );
}
