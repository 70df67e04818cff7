import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { Problem } from "./api/client";
import { router } from "./routes";
import { PreferencesProvider } from "./ui/preferences";
import "./ui/theme.css";
import { ToastProvider } from "./ui/toasts";

const LAST_TRY = 2;

const queries = new QueryClient({
  defaultOptions: {
    // Without a network a call fails at once and says so: it does not wait, and is not made later unasked.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 2_000,
      // A refusal stays one; a lost answer may come the next time.
      retry: (tried, error) =>
        tried < LAST_TRY &&
        error instanceof Problem &&
        (error.status === 0 || error.status === 429 || error.status >= 500),
      retryDelay: (tried, error) =>
        error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : 500 * 2 ** tried,
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <PreferencesProvider>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </PreferencesProvider>
    </QueryClientProvider>
  </StrictMode>,
);
