import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

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
  server: {
    // `npm run dev` beside `wrangler dev`: the pages come from here, the data from the Worker.
    proxy: {
      "/v1": { target: "http://127.0.0.1:8787", ws: true },
      "/ready": "http://127.0.0.1:8787",
    },
  },
});
