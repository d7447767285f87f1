/**
 * The import rule of the rooms, on resolved paths. oxlint says the same of the text of each import, in .svelte files
 * too; this finds what text hides: packages, re-exports and cycles.
 */

/** A unit test beside its file may import everything, as tests/, bench/ and sim/ may. */
const TESTS = "\\.test\\.ts$";
const PACKAGES = "(^|/)node_modules/";

/** What a room may import besides itself. `types`: rooms of which it may import types alone. */
const ROOMS = {
  // Of packages only such as are pure themselves.
  domain: {
    rooms: [],
    types: [],
    packages: ["valibot", "mustache", "ipaddr.js", "standardwebhooks"],
    node: false,
    workers: false,
  },
  "durable-objects": { rooms: ["domain"], types: [], packages: ["ollama"], node: false, workers: true },
  worker: { rooms: ["domain"], types: ["durable-objects"], packages: ["hono", "valibot"], node: false, workers: true },
  // Which packages the dashboard needs is its bundler's business.
  web: { rooms: ["domain"], types: ["worker"], packages: [".*"], node: false, workers: false },
  generator: { rooms: ["domain"], types: [], packages: ["@platformatic/kafka"], node: true, workers: false },
  cli: { rooms: ["domain"], types: ["worker"], packages: ["@platformatic/kafka"], node: true, workers: false },
};

/** The one place where the Worker touches the objects' classes: it hands them to the platform. */
const COMPOSITION = "^worker/objects\\.ts$";

const forbidden = Object.entries(ROOMS).flatMap(([name, { rooms, types, packages, node, workers }]) => {
  const from = { path: `^${name}/`, pathNot: [TESTS, COMPOSITION] };
  const own = [name, ...rooms].map((room) => `^${room}/`);
  const typed = types.map((room) => `^${room}/`);
  return [
    {
      name: `${name}-stays-in-its-rooms`,
      comment: `${name}/ may import ${[name, ...rooms].join("/, ")}/ and types of ${types.join("/, ") || "nothing else"}.`,
      severity: "error",
      from,
      to: { dependencyTypes: ["local"], pathNot: [...own, ...typed] },
    },
    ...typed.map((path) => ({
      name: `${name}-imports-types-alone`,
      comment: "Only `import type` is allowed from there.",
      severity: "error",
      from,
      to: { path, dependencyTypesNot: ["type-only"] },
    })),
    {
      name: `${name}-keeps-to-its-packages`,
      comment: `${name}/ may import the packages: ${packages.join(", ") || "none"}.`,
      severity: "error",
      from,
      to: { path: PACKAGES, pathNot: packages.map((pattern) => `${PACKAGES}${pattern}/`) },
    },
    ...(node
      ? []
      : [{ name: `${name}-runs-without-node`, severity: "error", from, to: { dependencyTypes: ["core"] } }]),
    ...(workers ? [] : [{ name: `${name}-runs-anywhere`, severity: "error", from, to: { path: "^cloudflare:" } }]),
  ];
});

export default {
  forbidden: [
    ...forbidden,
    {
      name: "no-cycles",
      comment: "Two files that need each other are one subject, or lack a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "Modules of the runtimes and of the dashboard's bundler are known to them alone.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: ["^cloudflare:", "^\\$(app|env|lib)", "^\\./\\$types$"] },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    // Types count as imports: a type of the wrong room is the wrong room's knowledge.
    tsPreCompilationDeps: true,
    doNotFollow: { path: PACKAGES },
    exclude: { path: ["^web/build/", "^web/\\.svelte-kit/"] },
    enhancedResolveOptions: {
      extensions: [".ts", ".mjs", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["svelte", "import", "types", "default"],
    },
  },
};
