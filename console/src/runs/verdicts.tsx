// A verification: recorded runs repeated dry with a version, each compared with its record.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { POLL } from "../api/poll";
import { Action } from "../ui/controls";
import { count } from "../ui/format";
import { Empty, Loading, Notice, ProblemNotice } from "../ui/states";
import { Table } from "../ui/table";
import { useChange } from "./queries";

type Verification = Schemas["Verification"];
type RunVerdict = Schemas["RunVerdict"];
const REHEARSED = 10;
const TONES: Record<RunVerdict["verdict"], string> = {
  waiting: "busy",
  same: "good",
  differs: "warn",
  refused: "bad",
};

export function useVerification(tenant: string, job: string) {
  return useQuery({
    queryKey: [tenant, "verification", job],
    queryFn: () =>
      answer(api.GET("/v1/tenants/{tenant}/verifications/{job}", { params: { path: { tenant, job } } })),
    enabled: job !== "",
    refetchInterval: ({ state }) => (state.data?.ended ? false : POLL.job),
  });
}

export function useVerify(tenant: string) {
  return useChange(tenant, (body: Partial<Schemas["VerificationRequest"]>) =>
    answer(
      api.POST("/v1/tenants/{tenant}/verifications", {
        params: { path: { tenant } },
        body: {
          version: "",
          runs: [],
          last: 0,
          app: "",
          workflow: "",
          install: "",
          accept: [],
          key: "",
          ...body,
        },
      }),
    ),
  );
}

/** An upgrade of an install, tried on its last runs. Nothing begins before somebody asks for it. */
export function Rehearsal({
  tenant,
  install,
  version,
}: {
  tenant: string;
  install: string;
  version: string;
}) {
  const begin = useVerify(tenant);
  const job = useVerification(tenant, begin.data?.id ?? "");
  if (!begin.data)
    return (
      <>
        {begin.error && <ProblemNotice problem={begin.error} />}
        <div className="row">
          <Action
            isDisabled={begin.isPending}
            onPress={() => begin.mutate({ install, version, last: REHEARSED })}
          >
            Rehearse with its last {REHEARSED} runs
          </Action>
        </div>
      </>
    );
  return (
    <>
      {job.error && <ProblemNotice problem={job.error} />}
      {job.data ? (
        <Verdicts tenant={tenant} job={job.data} />
      ) : (
        <Loading rows={2} label="The rehearsal begins" />
      )}
    </>
  );
}

export function Verdicts({ tenant, job }: { tenant: string; job: Verification }) {
  const counts = job.counts ?? {};
  const over = job.total - (counts.waiting ?? 0);
  if (job.total === 0) return <Empty title="None of its runs is over: there is nothing to compare with" />;
  return (
    <div className="stack">
      <div className="row">
        <progress max={job.total} value={over} aria-label="Progress of the verification" />
        {Object.entries(counts)
          .filter(([, number]) => number > 0)
          .map(([verdict, number]) => (
            <span key={verdict} className={`chip ${TONES[verdict as RunVerdict["verdict"]] ?? ""}`}>
              {count(number)} {verdict}
            </span>
          ))}
      </div>
      {job.ended && job.total === (counts.same ?? 0) && (
        <Notice kind="good">Each of them does the same with {job.version}.</Notice>
      )}
      <Table
        label="Verdicts"
        rows={job.verdicts}
        rowKey={(row) => row.run}
        columns={[
          { title: "Run", cell: (row) => <Link to={`/t/${tenant}/runs/${row.run}`}>{row.run}</Link> },
          {
            title: "Verdict",
            cell: (row) => <span className={`chip ${TONES[row.verdict]}`}>{row.verdict}</span>,
          },
          { title: "First difference", cell: (row) => <Why tenant={tenant} row={row} /> },
        ]}
      />
    </div>
  );
}

function Why({ tenant, row }: { tenant: string; row: RunVerdict }) {
  if (row.verdict === "refused")
    return (
      <>
        {row.refused} <code className="small">{row.code}</code>
      </>
    );
  if (!row.first)
    return <span className="muted">{row.ended && row.ended !== "succeeded" ? row.ended : ""}</span>;
  return (
    <>
      {row.first.aspect} of {row.first.where} <code>{row.first.field}</code>
      {row.differences > 1 && <span className="muted"> and {count(row.differences - 1)} more</span>}{" "}
      {row.fork && <Link to={`/t/${tenant}/diff?a=${row.run}&b=${row.fork}`}>compare</Link>}
    </>
  );
}
