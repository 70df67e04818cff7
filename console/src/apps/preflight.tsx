// Test an install before it is used: the app's preflight, with each check.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { POLL } from "../api/poll";
import { Dialog } from "../ui/controls";
import { Empty, Loading, Notice, ProblemNotice } from "../ui/states";

const WORKFLOW = "preflight";

interface Check {
  name: string;
  ok: boolean;
  detail?: string;
  fix?: string;
}

export function PreflightDialog(props: { tenant: string; install: Schemas["Install"]; onClose: () => void }) {
  const { tenant, install } = props;
  const { mutate, ...start } = useMutation<Schemas["RunAccepted"], Error>({
    mutationFn: () =>
      answer(
        api.POST("/v1/tenants/{tenant}/runs", {
          params: { path: { tenant } },
          body: {
            app: "",
            install: install.id,
            workflow: WORKFLOW,
            input: null,
            key: "",
            breakpoints: [],
            tags: [],
          },
        }),
      ),
  });
  useEffect(() => mutate(), [mutate]);
  const id = start.data?.run ?? "";
  const run = useQuery({
    queryKey: [tenant, "preflight", id],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/runs/{run}", {
          params: { path: { tenant, run: id }, query: { whole: true } },
        }),
      ),
    enabled: id !== "",
    retry: 10,
    refetchInterval: ({ state }) => (state.data?.ended ? false : POLL.job),
  });
  const ended = run.data?.ended ? run.data : undefined;
  return (
    <Dialog title={`Test of ${install.name}`} onClose={props.onClose}>
      {start.error && <ProblemNotice problem={start.error} />}
      {!start.error && !ended && <Loading rows={3} label="The checks run" />}
      {ended?.failed && (
        <Notice kind="bad">
          The preflight itself failed: {ended.failed.error}. {ended.failed.cause}
        </Notice>
      )}
      {ended && !ended.failed && <Checks checks={(ended.output?.value ?? []) as Check[]} />}
      {ended && (
        <p className="small">
          <Link to={`/t/${tenant}/runs/${ended.id}`}>The run that tested it</Link>
        </p>
      )}
    </Dialog>
  );
}

function Checks({ checks }: { checks: Check[] }) {
  if (!Array.isArray(checks) || checks.length === 0) return <Empty title="The preflight looked at nothing" />;
  return (
    <>
      {checks.map((one) => (
        <Notice key={one.name} kind={one.ok ? "good" : "bad"}>
          <strong>
            {one.ok ? "ok" : "fails"}: {one.name}
          </strong>
          {one.detail && <div>{one.detail}</div>}
          {!one.ok && one.fix && <div>Next: {one.fix}</div>}
        </Notice>
      ))}
    </>
  );
}
