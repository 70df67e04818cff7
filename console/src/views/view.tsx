// One view: how old its data is, the card over it, and what its actions do after people have agreed.
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useChange } from "../runs/queries";
import { useCan } from "../session/caller";
import { Action, Confirm, Dialog } from "../ui/controls";
import { Time } from "../ui/format";
import { Json } from "../ui/json";
import { Loading, Notice, Shown } from "../ui/states";
import { hold, linkOf, type Part, Refused } from "./bounds";
import type { Act } from "./card";
import { expand } from "./expand";

type View = Schemas["View"];
type Call = { name: string; arguments: Part; destructive: boolean };

const Card = lazy(() => import("./card"));

export function ViewBody(props: { tenant: string; install: string; view: string; subject?: string }) {
  const { tenant, install, view, subject = "" } = props;
  const read = useQuery({
    queryKey: [tenant, "view", install, view, subject],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/installs/{install}/views/{view}", {
          params: { path: { tenant, install, view }, query: subject ? { subject } : {} },
        }),
      ),
  });
  return <Shown query={read}>{(data) => <Filled tenant={tenant} view={data} />}</Shown>;
}

function Filled({ tenant, view }: { tenant: string; view: View }) {
  const can = useCan(`tenant/${tenant}`);
  const [link, setLink] = useState<URL>();
  const [call, setCall] = useState<Call>();
  const act = useCallback(
    (wanted: Act) => {
      if ("link" in wanted) return setLink(linkOf(wanted.link));
      const tool = view.tools[wanted.tool];
      if (tool) setCall({ name: tool.name, arguments: wanted.arguments, destructive: tool.destructive });
    },
    [view],
  );
  const refresh = view.refresh ?? "";
  const hint = Object.values(view.tools).find((tool) => tool.name === refresh);
  return (
    <div className="stack">
      <div className="row between">
        <span className="muted small">
          From {view.view.app}
          {view.as_of && (
            <>
              , as of <Time at={view.as_of} />
            </>
          )}
          {view.run && (
            <>
              {" "}
              (<Link to={`/t/${tenant}/runs/${view.run}`}>the run</Link>)
            </>
          )}
        </span>
        {refresh && can("startRuns") && (
          <Action
            small
            onPress={() =>
              setCall({
                name: refresh,
                arguments: view.arguments ?? {},
                destructive: hint?.destructive ?? true,
              })
            }
          >
            Refresh
          </Action>
        )}
      </div>
      {view.note && <Notice>{`${view.note.charAt(0).toUpperCase()}${view.note.slice(1)}.`}</Notice>}
      {(view.as_of || Object.keys(view.tools).length > 0) && <Drawn view={view} onAct={act} />}
      {link && <OpenLink link={link} onClose={() => setLink(undefined)} />}
      {call && (
        <StartTool tenant={tenant} call={call} app={view.view.app} onClose={() => setCall(undefined)} />
      )}
    </div>
  );
}

/** The card, or why it is not drawn; never a part of it. */
function Drawn({ view, onAct }: { view: View; onAct: (act: Act) => void }) {
  const [broken, setBroken] = useState(false);
  const filled = useQuery({
    queryKey: ["card", view.view, view.as_of, view.run],
    queryFn: () => expand(view.card, view.data ?? {}),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { card, why } = useMemo((): { card?: Part; why?: string } => {
    if (filled.data === undefined) return {};
    try {
      return { card: hold(filled.data, view.images, view.tools) };
    } catch (error) {
      return { why: error instanceof Refused ? error.message : "it could not be read" };
    }
  }, [filled.data, view.images, view.tools]);
  const wrong = useCallback(() => setBroken(true), []);
  const reason = filled.error?.message ?? why ?? (broken ? "it could not be drawn" : "");
  if (reason)
    return (
      <Notice kind="warn" role="alert">
        <strong>This page of {view.view.app} is not shown.</strong>
        <div className="muted small">
          The card of its publisher is not one that the console draws: {reason}.
        </div>
      </Notice>
    );
  if (!card) return <Loading label="Loading the page of the app" />;
  return (
    <Suspense fallback={<Loading label="Loading the page of the app" />}>
      <Card card={card} onAct={onAct} onWrong={wrong} />
    </Suspense>
  );
}

function OpenLink({ link, onClose }: { link: URL; onClose: () => void }) {
  return (
    <Dialog title={`Leave for ${link.host}?`} onClose={onClose} role="alertdialog">
      <p>The app links to another site:</p>
      <p className="cut">
        <code>{link.href}</code>
      </p>
      <div className="row">
        <a
          className="button primary"
          href={link.href}
          target="_blank"
          rel="noopener noreferrer"
          onClick={onClose}
        >
          Open {link.host}
        </a>
        <Action onPress={onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}

function StartTool({
  tenant,
  call,
  app,
  onClose,
}: {
  tenant: string;
  call: Call;
  app: string;
  onClose: () => void;
}) {
  const start = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/tools/{tool}", {
        params: { path: { tenant, tool: call.name } },
        body: { arguments: call.arguments, key: "" },
      }),
    ),
  );
  if (start.data)
    return (
      <Dialog title="The tool has started" onClose={onClose}>
        <p>
          Its run is <Link to={`/t/${tenant}/runs/${start.data.run}`}>{start.data.run}</Link>. The page has
          its output when it has succeeded.
        </p>
      </Dialog>
    );
  return (
    <Confirm
      title={`Start ${call.name}?`}
      action="Start"
      danger={call.destructive}
      busy={start.isPending}
      error={start.error as never}
      onConfirm={() => start.mutate(undefined)}
      onClose={onClose}
    >
      <p>
        This starts a tool of {app}.{call.destructive && " The app may change what is there."}
      </p>
      <Json value={call.arguments} label="Arguments" />
    </Confirm>
  );
}
