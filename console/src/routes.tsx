// Every page by its address. A page is loaded when it is first opened.
import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";
import { Callback } from "./session/callback";
import { Frame, Home, NotHere } from "./frame";

function lazily(path: string, load: () => Promise<ComponentType>): RouteObject {
  return { path, lazy: async () => ({ Component: await load() }) };
}

export const router = createBrowserRouter([
  { path: "/callback", element: <Callback /> },
  {
    element: <Frame />,
    HydrateFallback: () => null,
    children: [
      { path: "/", element: <Home /> },
      lazily("/t/:tenant/runs", () => import("./runs/list").then((page) => page.RunList)),
      lazily("/t/:tenant/failures", () => import("./runs/failures").then((page) => page.Failures)),
      lazily("/t/:tenant/runs/:run", () => import("./runs/run").then((page) => page.RunPage)),
      lazily("/t/:tenant/inbox", () => import("./pauses/inbox").then((page) => page.Inbox)),
      lazily("/t/:tenant/approvals/:approval", () => import("./pauses/approval").then((page) => page.ApprovalPage)),
      { path: "*", element: <NotHere /> },
    ],
  },
]);
