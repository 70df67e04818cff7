// Every page by its address. A page is loaded when it is first opened.
import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";
import { Callback } from "./session/callback";
import { Frame, Home, NotHere } from "./frame";

type Page = Record<string, ComponentType>;

function lazily(path: string, load: () => Promise<Page>, name: string): RouteObject {
  return {
    path,
    lazy: async () => {
      const page = (await load())[name];
      if (page === undefined) throw new Error(`there is no page ${name}`);
      return { Component: page };
    },
  };
}

const runs = () => import("./runs/list") as Promise<Page>;
const run = () => import("./runs/run") as Promise<Page>;

export const router = createBrowserRouter([
  { path: "/callback", element: <Callback /> },
  {
    element: <Frame />,
    children: [
      { path: "/", element: <Home /> },
      lazily("/t/:tenant/runs", runs, "RunList"),
      lazily("/t/:tenant/failures", () => import("./runs/failures") as Promise<Page>, "Failures"),
      lazily("/t/:tenant/runs/:run", run, "RunPage"),
      lazily("/t/:tenant/diff", () => import("./runs/diff") as Promise<Page>, "DiffPage"),
      lazily("/t/:tenant/bulk", () => import("./runs/bulk") as Promise<Page>, "BulkForks"),
      lazily("/t/:tenant/verify", () => import("./runs/verify") as Promise<Page>, "VerifyPage"),
      lazily("/t/:tenant/inbox", () => import("./pauses/inbox") as Promise<Page>, "Inbox"),
      lazily("/t/:tenant/approvals/:approval", () => import("./pauses/approval") as Promise<Page>, "ApprovalPage"),
      lazily("/t/:tenant/apps", () => import("./apps/marketplace") as Promise<Page>, "Marketplace"),
      lazily("/t/:tenant/apps/:publisher/:name", () => import("./apps/app") as Promise<Page>, "AppPage"),
      lazily("/t/:tenant/installs", () => import("./apps/installs") as Promise<Page>, "Installs"),
      lazily("/t/:tenant/installs/:install", () => import("./apps/install") as Promise<Page>, "InstallPage"),
      lazily("/t/:tenant/catalog", () => import("./tenant/catalog") as Promise<Page>, "Catalog"),
      lazily("/t/:tenant/asset", () => import("./tenant/asset") as Promise<Page>, "AssetPage"),
      lazily("/t/:tenant/events", () => import("./tenant/events") as Promise<Page>, "Events"),
      lazily("/t/:tenant/dead", () => import("./tenant/dead-letters") as Promise<Page>, "DeadLetters"),
      lazily("/t/:tenant/schedules", () => import("./tenant/schedules") as Promise<Page>, "Schedules"),
      lazily("/t/:tenant/webhooks", () => import("./tenant/webhooks") as Promise<Page>, "Webhooks"),
      lazily("/t/:tenant/webhooks/:webhook", () => import("./tenant/webhooks") as Promise<Page>, "WebhookPage"),
      lazily("/t/:tenant/members", () => import("./tenant/members") as Promise<Page>, "TenantMembers"),
      lazily("/t/:tenant/usage", () => import("./tenant/usage") as Promise<Page>, "Usage"),
      lazily("/t/:tenant/audit", () => import("./tenant/audit") as Promise<Page>, "TenantAudit"),
      lazily("/t/:tenant/settings", () => import("./tenant/settings") as Promise<Page>, "TenantSettings"),
      lazily("/p/:publisher", () => import("./publishing/apps") as Promise<Page>, "PublisherApps"),
      lazily("/p/:publisher/apps/:name", () => import("./publishing/app") as Promise<Page>, "PublishedApp"),
      lazily(
        "/p/:publisher/apps/:name/versions/:version",
        () => import("./publishing/version") as Promise<Page>,
        "VersionPage",
      ),
      lazily("/p/:publisher/support", () => import("./publishing/support") as Promise<Page>, "PublisherSupport"),
      lazily("/p/:publisher/members", () => import("./publishing/members") as Promise<Page>, "PublisherMembers"),
      lazily("/p/:publisher/audit", () => import("./publishing/audit") as Promise<Page>, "PublisherAudit"),
      lazily("/operator", () => import("./operator/overview") as Promise<Page>, "Overview"),
      lazily("/operator/approvals", () => import("./operator/approvals") as Promise<Page>, "PlatformApprovals"),
      lazily("/operator/dead", () => import("./operator/dead-letters") as Promise<Page>, "PlatformDeadLetters"),
      lazily("/operator/audit", () => import("./operator/audit") as Promise<Page>, "PlatformAudit"),
      { path: "*", element: <NotHere /> },
    ],
  },
]);
