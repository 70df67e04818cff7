// Every page by its address. A page is loaded when it is first opened.
import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";
import { Broken, Frame, Home, NotHere } from "./frame";
import { Callback } from "./session/callback";

function lazily(path: string, load: () => Promise<ComponentType>): RouteObject {
  return { path, lazy: async () => ({ Component: await load() }) };
}

const PAGES: RouteObject[] = [
  { path: "/", element: <Home /> },
  lazily("/t/:tenant/runs", () => import("./runs/list").then((page) => page.RunList)),
  lazily("/t/:tenant/failures", () => import("./runs/failures").then((page) => page.Failures)),
  lazily("/t/:tenant/query", () => import("./runs/query").then((page) => page.QueryPage)),
  lazily("/t/:tenant/runs/:run", () => import("./runs/run").then((page) => page.RunPage)),
  lazily("/t/:tenant/diff", () => import("./runs/diff").then((page) => page.DiffPage)),
  lazily("/t/:tenant/bulk", () => import("./runs/bulk").then((page) => page.BulkForks)),
  lazily("/t/:tenant/verify", () => import("./runs/verify").then((page) => page.VerifyPage)),
  lazily("/t/:tenant/inbox", () => import("./pauses/inbox").then((page) => page.Inbox)),
  lazily("/t/:tenant/approvals/:approval", () =>
    import("./pauses/approval").then((page) => page.ApprovalPage),
  ),
  lazily("/t/:tenant/apps", () => import("./apps/marketplace").then((page) => page.Marketplace)),
  lazily("/t/:tenant/apps/:publisher/:name", () => import("./apps/app").then((page) => page.AppPage)),
  lazily("/t/:tenant/installs", () => import("./apps/installs").then((page) => page.Installs)),
  lazily("/t/:tenant/installs/:install", () => import("./apps/install").then((page) => page.InstallPage)),
  lazily("/t/:tenant/catalog", () => import("./tenant/catalog").then((page) => page.Catalog)),
  lazily("/t/:tenant/asset", () => import("./tenant/asset").then((page) => page.AssetPage)),
  lazily("/t/:tenant/events", () => import("./tenant/events").then((page) => page.Events)),
  lazily("/t/:tenant/dead", () => import("./tenant/dead-letters").then((page) => page.DeadLetters)),
  lazily("/t/:tenant/schedules", () => import("./tenant/schedules").then((page) => page.Schedules)),
  lazily("/t/:tenant/webhooks", () => import("./tenant/webhooks").then((page) => page.Webhooks)),
  lazily("/t/:tenant/webhooks/:webhook", () => import("./tenant/webhooks").then((page) => page.WebhookPage)),
  lazily("/t/:tenant/members", () => import("./tenant/members").then((page) => page.TenantMembers)),
  lazily("/t/:tenant/views", () => import("./views/views").then((page) => page.TenantViews)),
  lazily("/t/:tenant/views/:install/:view", () => import("./views/views").then((page) => page.TenantView)),
  lazily("/t/:tenant/usage", () => import("./tenant/usage").then((page) => page.Usage)),
  lazily("/t/:tenant/audit", () => import("./tenant/audit").then((page) => page.TenantAudit)),
  lazily("/t/:tenant/settings", () => import("./tenant/settings").then((page) => page.TenantSettings)),
  lazily("/p/:publisher", () => import("./publishing/apps").then((page) => page.PublisherApps)),
  lazily("/p/:publisher/apps/:name", () => import("./publishing/app").then((page) => page.PublishedApp)),
  lazily("/p/:publisher/apps/:name/versions/:version", () =>
    import("./publishing/version").then((page) => page.VersionPage),
  ),
  lazily("/p/:publisher/support", () => import("./publishing/support").then((page) => page.PublisherSupport)),
  lazily("/p/:publisher/members", () => import("./publishing/members").then((page) => page.PublisherMembers)),
  lazily("/p/:publisher/audit", () => import("./publishing/audit").then((page) => page.PublisherAudit)),
  lazily("/operator", () => import("./operator/overview").then((page) => page.Overview)),
  lazily("/operator/approvals", () => import("./operator/approvals").then((page) => page.PlatformApprovals)),
  lazily("/operator/dead", () => import("./operator/dead-letters").then((page) => page.PlatformDeadLetters)),
  lazily("/operator/audit", () => import("./operator/audit").then((page) => page.PlatformAudit)),
  { path: "*", element: <NotHere /> },
];

export const router = createBrowserRouter([
  { path: "/callback", element: <Callback /> },
  {
    element: <Frame />,
    HydrateFallback: () => null,
    // What is around a page stays where the page itself can't be loaded.
    children: [{ errorElement: <Broken />, children: PAGES }],
  },
]);
