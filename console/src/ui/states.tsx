// What a page shows while it loads, when there is nothing, when a call was refused, and when it is not allowed.
import type { UseQueryResult } from "@tanstack/react-query";
import { Component, type ReactNode } from "react";
import { Problem } from "../api/client";

export function Loading({ rows = 4, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div className="stack" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a skeleton have no other name
        <div key={index} className="skeleton" style={{ width: `${92 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <div className="stack">{children}</div>}
    </div>
  );
}

export function Notice({
  kind = "",
  children,
  role,
}: {
  kind?: "" | "good" | "bad" | "warn";
  children: ReactNode;
  role?: "alert" | "status";
}) {
  return (
    <div className={`notice ${kind}`} role={role}>
      {children}
    </div>
  );
}

export function ProblemNotice(props: { problem: Error; retry?: () => void; busy?: boolean }) {
  const { problem, retry, busy } = props;
  const known = problem instanceof Problem ? problem : undefined;
  if (known?.status === 403)
    return (
      <Notice kind="warn" role="alert">
        <strong>You are not allowed to see or do this.</strong>
        <div className="muted small">{known.message}. Ask an admin for a role that allows it.</div>
        <div className="muted small">
          Code: <code>{known.code}</code>
        </div>
      </Notice>
    );
  return (
    <Notice kind="bad" role="alert">
      <strong>{problem.message}</strong>
      <div className="muted small">
        {known?.where && <>At {known.where}. </>}
        {known?.next && <>Next: {known.next}</>}
      </div>
      {known && (
        <div className="muted small">
          Code: <code>{known.code}</code>
        </div>
      )}
      {known && known.findings.length > 0 && (
        <ul>
          {known.findings.map((one) => (
            <li key={`${one.code}${one.where}${one.what}`}>
              {one.what} <span className="muted">{one.where}</span>
              {one.fix && <div>{one.fix}</div>}
            </li>
          ))}
        </ul>
      )}
      {retry && (
        <button type="button" className="button small" disabled={busy} onClick={retry}>
          {busy ? "Trying again…" : "Try again"}
        </button>
      )}
    </Notice>
  );
}

/** What a query shows: its data, or why there is none. Data that is there stays when a later read fails. */
export function Shown<T>(props: {
  query: UseQueryResult<T, Error>;
  /** The heading of a page whose own heading comes with the data. */
  title?: string;
  children: (data: T) => ReactNode;
  rows?: number;
}) {
  const { data, error, refetch, isFetching } = props.query;
  const problem = error && <ProblemNotice problem={error} retry={() => void refetch()} busy={isFetching} />;
  if (data !== undefined)
    return (
      <>
        {problem}
        {props.children(data)}
      </>
    );
  return (
    <div className="stack">
      {props.title && <h1>{props.title}</h1>}
      {problem ?? <Loading rows={props.rows} />}
    </div>
  );
}

/** A setting that may be absent, which the API says by 404: any other refusal is a problem, and says nothing of it. */
export function Optional<T>(props: {
  query: UseQueryResult<T, Error>;
  none: string;
  children: (data: T) => ReactNode;
}) {
  const { error } = props.query;
  if (error instanceof Problem && error.status === 404) return <p>{props.none}</p>;
  return (
    <Shown query={props.query} rows={1}>
      {(data) => <p>{props.children(data)}</p>}
    </Shown>
  );
}

/** A page that breaks says so, and the others go on. */
export class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <ProblemNotice problem={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}
