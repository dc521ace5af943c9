import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Sources of `@cvm-gateway/client`. An app outside of this repository installs the package and needs no alias. */
const client = `${import.meta.dirname}/../../packages/client/src`;

/** Settings that `npm run console` passes. Without them, `public/config.json` is served. */
const { CONSOLE_SETTINGS: settings, CONSOLE_SANDBOX_RPC: sandboxRpc } = process.env;

/** Serve the settings of the console, which a deployment has as a file next to the page. */
function serveSettings(text: string): Plugin {
  return {
    name: "console-settings",
    configureServer({ middlewares }) {
      middlewares.use("/config.json", (_request, response) => {
        response.setHeader("content-type", "application/json");
        response.end(text);
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), ...(settings === undefined ? [] : [serveSettings(settings)])],
  resolve: {
    alias: [
      { find: /^@cvm-gateway\/client\/(.+)$/, replacement: `${client}/$1.ts` },
      { find: /^@cvm-gateway\/client$/, replacement: `${client}/index.ts` },
    ],
    // The sources of the client see the packages of the repository. The page must have each only once.
    dedupe: ["@apollo/client", "graphql"],
  },
  build: { target: "es2022", chunkSizeWarningLimit: 700 },
  server: {
    host: "127.0.0.1",
    fs: { allow: ["../.."] },
    // The chain of a sandbox answers pages of its own origin only.
    ...(sandboxRpc !== undefined && {
      proxy: { "/sandbox-rpc": { target: sandboxRpc, rewrite: () => "" } },
    }),
  },
});
