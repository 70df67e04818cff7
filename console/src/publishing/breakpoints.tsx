// Breakpoints of a version: they stop its runs in the sandbox, and in tenants that let the publisher look.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { BreakpointForm, BreakpointTable, reachText } from "../runs/breakpoints";
import { useChange } from "../runs/queries";
import { Action } from "../ui/controls";
import { plural } from "../ui/format";
import { Empty, Shown } from "../ui/states";
import { useSay } from "../ui/toasts";

interface Where {
  publisher: string;
  name: string;
  version: string;
}

export function VersionBreakpoints({ where, mayDebug }: { where: Where; mayDebug: boolean }) {
  const scope = `p/${where.publisher}`;
  const [adding, setAdding] = useState(false);
  const query = useQuery({
    queryKey: [scope, "breakpoints", where.name, where.version],
    queryFn: () =>
      answer(
        api.GET("/v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints", {
          params: { path: { ...where } },
        }),
      ),
  });
  const remove = useChange(scope, (rule: string) =>
    answer(
      api.DELETE("/v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints/{rule}", {
        params: { path: { ...where, rule } },
      }),
    ),
  );
  return (
    <div className="stack">
      {mayDebug && (
        <div className="row">
          <Action onPress={() => setAdding(true)}>Add a breakpoint on the version</Action>
        </div>
      )}
      <Shown query={query}>
        {({ breakpoints }) =>
          breakpoints.length === 0 ? (
            <Empty title="No breakpoint is armed on the version">
              <p>
                One stops its runs in the sandbox, and in tenants that have a support session open for the
                app.
              </p>
            </Empty>
          ) : (
            <BreakpointTable
              rows={breakpoints}
              onRemove={mayDebug ? (rule) => remove.mutate(rule) : undefined}
            />
          )
        }
      </Shown>
      {adding && <AddDialog where={where} onClose={() => setAdding(false)} />}
    </div>
  );
}

function AddDialog({ where, onClose }: { where: Where; onClose: () => void }) {
  const scope = `p/${where.publisher}`;
  const say = useSay();
  const [state, setState] = useState("*");
  const reach = useQuery({
    queryKey: [scope, "breakpoint-reach", where.name, where.version, state],
    queryFn: () =>
      answer(
        api.GET("/v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints:count", {
          params: { path: { ...where }, query: { state } },
        }),
      ),
    placeholderData: (before) => before,
  });
  const add = useChange(scope, (body: Schemas["NewBreakpoint"]) =>
    answer(
      api.POST("/v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints", {
        params: { path: { ...where } },
        body,
      }),
    ),
  );
  return (
    <BreakpointForm
      title="Add a breakpoint to runs of the version"
      state="*"
      about={reachText(reach.data, placesText(reach.data))}
      onState={setState}
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onAdd={(draft) =>
        add.mutate(draft, {
          onSuccess: () => {
            say("The breakpoint is armed.");
            onClose();
          },
        })
      }
    />
  );
}

/** Whose runs it stops: never those of a tenant that did not let the publisher look. */
function placesText(reach: Schemas["BreakpointReach"] | undefined): string {
  const others = (reach?.tenants ?? 1) - 1;
  return others > 0
    ? ` in the sandbox and in ${plural(others, "tenant")} that you may debug`
    : " in the sandbox";
}
