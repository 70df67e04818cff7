// What an event is about, with the way to it: a run, an asset, an approval, a webhook, a budget.
import { Link } from "react-router";
import { dollars } from "../ui/format";
import { assetLink } from "./catalog";

/** The fields of the platform's events that say so (interlock/contract/event.py). */
interface Detail {
  approval?: string;
  question?: string;
  run?: string;
  app?: string;
  workflow?: string;
  failed?: { error?: string; state?: string } | null;
  asset?: { qualified_name?: string };
  webhook?: string;
  why?: string;
  budget?: number;
  share?: number;
}

export function EventSubject({ tenant, detail }: { tenant: string; detail: unknown }) {
  const about: Detail = typeof detail === "object" && detail !== null ? detail : {};
  if (about.approval)
    return <Link to={`/t/${tenant}/approvals/${about.approval}`}>{about.question || about.approval}</Link>;
  if (about.asset?.qualified_name)
    return <Link to={assetLink(tenant, about.asset.qualified_name)}>{about.asset.qualified_name}</Link>;
  if (about.run && about.workflow)
    return (
      <>
        <Link to={`/t/${tenant}/runs/${about.run}`}>
          {about.app} · {about.workflow}
        </Link>
        {about.failed?.error && (
          <span className="muted">
            {" "}
            {about.failed.error} at {about.failed.state}
          </span>
        )}
      </>
    );
  if (about.webhook)
    return <Link to={`/t/${tenant}/webhooks/${about.webhook}`}>{about.why || "a webhook"}</Link>;
  if (about.budget && about.share)
    return (
      <Link to={`/t/${tenant}/usage`}>
        {about.share} % of {dollars(about.budget)}
      </Link>
    );
  return null;
}
