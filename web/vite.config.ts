import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

/** Where the data comes from while this is a server. */
const faultline = process.env["FAULTLINE_URL"] ?? "http://127.0.0.1:8787";

export default defineConfig({
  plugins: [
    sveltekit({
      // One shell for every route: the Worker answers every path of a page with it (worker/dashboard-shell.ts).
      adapter: adapter({ pages: "build", assets: "build", fallback: "index.html" }),
      compilerOptions: { runes: true },
      // A fixed name keeps the build repeatable: by default it is the time of the build, which changes the policy's hash.
      version: { name: "faultline" },
      csp: {
        mode: "hash",
        directives: {
          "default-src": ["self"],
          "script-src": ["self"],
          "style-src": ["self"],
          // Charts and the route announcer of SvelteKit set styles on elements; no style element is ever injected.
          "style-src-attr": ["unsafe-inline"],
          "font-src": ["self"],
          "img-src": ["self", "data:"],
          "connect-src": ["self"],
          "object-src": ["none"],
          "base-uri": ["none"],
          "form-action": ["none"],
        },
      },
    }),
  ],
  build: {
    // Most of the first load is waiting for requests, not for bytes: what three pages share comes in one file and not in twenty.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shared", minShareCount: 3 }] } } },
  },
  server: {
    // `npm run dev` (cli/dev.ts) beside a Faultline that runs: the pages come from here, all data and every socket from there.
    // Signing in works as it does there: the host of a request is left as the browser sent it, so that its Origin is the Worker's
    // own to the Worker too, which is what it asks of every change and every socket by cookie. `changeOrigin` would break that.
    // The cookie itself is bound to the host and not to the port.
    proxy: Object.fromEntries(
      ["/v1", "/ready", "/health"].map((path) => [
        path,
        { target: faultline, changeOrigin: false, ws: path === "/v1" },
      ]),
    ),
  },
});
