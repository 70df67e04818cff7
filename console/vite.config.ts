import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      // The file that this library ships for browsers fails at its own assertions: its modules are taken.
      {
        find: /^adaptive-expressions$/,
        replacement: here("./node_modules/adaptive-expressions/lib/index.js"),
      },
      // They take a few things of Node, which no browser has.
      { find: /^(assert|util|os)$/, replacement: `${here("./src/views/node")}/$1.cjs` },
    ],
  },
  build: {
    target: "es2022",
    sourcemap: false,
    // The policy of the page loads no inline script and no data: styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": "http://127.0.0.1:4668", "/oauth2": "http://127.0.0.1:4668" } },
});
