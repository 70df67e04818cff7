// Reads of runs. A run page makes five: the run, its graph, the outlines of its steps, its pauses and its breakpoints.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { answer, api, type Schemas } from "../api/client";
import { POLL } from "../api/poll";

export type Run = Schemas["Run"];
export type Outline = Schemas["Outline"];
export type StepRecord = Schemas["StepRecord"];
export type RunGraph = Schemas["RunGraph"];
export type GraphState = Schemas["GraphState"];
export type Pause = Schemas["Pause"];

export function isOver(run: Run): boolean {
  return run.status === "succeeded" || run.status === "failed" || run.status === "aborted";
}

/** Every `{ms}` while something goes on, else not at all. */
function whileOpen(run: Run | undefined) {
  return run && isOver(run) && !run.unsettled ? (false as const) : POLL.run;
}

/** What was read of a run stays while it is read again; of another run it never does. */
function isOf(query: { queryKey: readonly unknown[] } | undefined, run: Run | undefined): boolean {
  return query !== undefined && query.queryKey[2] === run?.id;
}

export function useRun(tenant: string, run: string) {
  return useQuery({
    queryKey: [tenant, "run", run],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/runs/{run}", { params: { path: { tenant, run } } })),
    refetchInterval: (query) => whileOpen(query.state.data),
  });
}

export function useGraph(tenant: string, run: Run | undefined) {
  return useQuery({
    queryKey: [tenant, "graph", run?.id, run?.status],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/runs/{run}/graph", {
          params: { path: { tenant, run: run?.id ?? "" } },
        }),
      ),
    enabled: run !== undefined,
    refetchInterval: whileOpen(run),
    placeholderData: (before, query) => (isOf(query, run) ? before : undefined),
  });
}

/** Outlines come as they are stored, without fields that have their default. */
const DEFAULTS = {
  attempt: 0,
  redrive: 0,
  duration_ms: 0,
  step_ms: 0,
  cold: false,
  summary: "",
  reused: "",
  asked: "",
  stopped: false,
  tags: [] as string[],
};

/** The outlines of all steps; a page holds thousands. */
export function useOutlines(tenant: string, run: Run | undefined) {
  return useQuery({
    queryKey: [tenant, "outlines", run?.id, run?.status],
    queryFn: async () => {
      const steps: Outline[] = [];
      let cursor: string | undefined;
      do {
        const page = await answer(
          api.GET("/v1/tenants/{tenant}/runs/{run}/outlines", {
            params: { path: { tenant, run: run?.id ?? "" }, query: cursor ? { cursor } : {} },
          }),
        );
        steps.push(...page.steps.map((step) => ({ ...DEFAULTS, ...step })));
        cursor = page.cursor ?? undefined;
      } while (cursor !== undefined);
      return steps;
    },
    enabled: run !== undefined,
    refetchInterval: whileOpen(run),
    placeholderData: (before, query) => (isOf(query, run) ? before : undefined),
  });
}

export function usePauses(tenant: string, run: Run | undefined) {
  const watched = useRef("");
  if (run && !isOver(run)) watched.current = run.id;
  return useQuery({
    queryKey: [tenant, "pauses", run?.id, run?.status, run?.open_pauses],
    queryFn: async () =>
      (
        await answer(
          api.GET("/v1/tenants/{tenant}/runs/{run}/pauses", {
            params: { path: { tenant, run: run?.id ?? "" } },
          }),
        )
      ).pauses,
    // What waited is decided once a run is over: it is read once more where somebody looks, to say who decided.
    enabled: run !== undefined && (run.open_pauses > 0 || watched.current === run.id),
    refetchInterval: run && run.open_pauses > 0 ? POLL.run : false,
    placeholderData: (before, query) => (isOf(query, run) ? before : undefined),
  });
}

export function useBreakpoints(tenant: string, run: Run | undefined) {
  return useQuery({
    queryKey: [tenant, "breakpoints", run?.id],
    queryFn: async () =>
      (
        await answer(
          api.GET("/v1/tenants/{tenant}/runs/{run}/breakpoints", {
            params: { path: { tenant, run: run?.id ?? "" } },
          }),
        )
      ).breakpoints,
    enabled: run !== undefined && !isOver(run),
  });
}

/** One whole record: the page of one that begins behind the record before it. */
export function useRecord(tenant: string, run: string, before: string | undefined, key: string | undefined) {
  return useQuery({
    queryKey: [tenant, "record", run, key],
    queryFn: async () => {
      const page = await answer(
        api.GET("/v1/tenants/{tenant}/runs/{run}/steps", {
          params: {
            path: { tenant, run },
            query: { whole: true, limit: 1, ...(before ? { cursor: before } : {}) },
          },
        }),
      );
      return page.steps[0] ?? null;
    },
    enabled: key !== undefined,
  });
}

const FLOWS = 200;

/** The data flow of a state, `STATE` or `STATE[INDEX]`: computed anew at each read, so only for who looks at it. */
export function useFlows(tenant: string, run: Run, state: string) {
  return useQuery({
    queryKey: [tenant, "flows", run.id, run.status, state],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/runs/{run}/flow", {
          params: { path: { tenant, run: run.id }, query: { state, limit: FLOWS } },
        }),
      ),
    staleTime: isOver(run) ? Number.POSITIVE_INFINITY : 0,
  });
}

export function useExplanation(tenant: string, run: Run) {
  return useQuery({
    queryKey: [tenant, "explanation", run.id],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/runs/{run}/explain", { params: { path: { tenant, run: run.id } } }),
      ),
    enabled: run.status === "failed" || run.status === "aborted",
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** A call that changes a run: what is shown of it is read again. */
export function useChange<Input, Output>(tenant: string, call: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation<Output, Error, Input>({
    mutationFn: call,
    // Not awaited: what is read again may take the caller off the page before it hears how the call ended.
    onSettled: () => void client.invalidateQueries({ queryKey: [tenant] }),
  });
}
