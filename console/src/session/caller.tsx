// Who is signed in, and what each membership allows.
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { useParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { Loading, ProblemNotice } from "../ui/states";

export type Caller = Schemas["CallerView"];
export type Membership = Schemas["Membership"];
export type Role = Schemas["Role"];

const Context = createContext<Caller | null>(null);

export function CallerProvider({ children }: { children: ReactNode }) {
  const query = useQuery({
    queryKey: ["me"],
    queryFn: () => answer(api.GET("/v1/me")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (query.data) return <Context value={query.data}>{children}</Context>;
  return (
    <main className="page stack">
      <h1>Interlock</h1>
      {query.error ? (
        <ProblemNotice problem={query.error} retry={() => void query.refetch()} />
      ) : (
        <Loading label="Signing in" />
      )}
    </main>
  );
}

export function useCaller(): Caller {
  const caller = useContext(Context);
  if (caller === null) throw new Error("no caller around this component");
  return caller;
}

export function idsOf(caller: Caller, kind: "tenant" | "publisher"): string[] {
  const prefix = `${kind}/`;
  return [...new Set(caller.memberships.map((one) => one.scope))]
    .filter((scope) => scope.startsWith(prefix))
    .map((scope) => scope.slice(prefix.length))
    .sort();
}

export function isOperator(caller: Caller): boolean {
  return caller.memberships.some((one) => one.scope === "platform");
}

/** Whether the caller may do an action of the API's policies in a scope, by what `/v1/me` says of it. */
export function useCan(scope: string): (action: string) => boolean {
  const caller = useCaller();
  const allowed = new Set(
    caller.access
      .filter((one) => one.scope === scope || one.scope === "platform")
      .flatMap((one) => one.actions),
  );
  return (action) => allowed.has(action);
}

/** The tenant of the page's address. */
export function useTenant(): string {
  return useParams().tenant ?? "";
}

/** The publisher of the page's address. */
export function usePublisher(): string {
  return useParams().publisher ?? "";
}
