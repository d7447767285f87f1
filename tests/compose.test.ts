/** compose.yaml, by everything that can be known of it without a container engine. */
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { DEV_VARS, ROOT } from "../cli/paths.ts";
import { parseStartOptions } from "../cli/start-options.ts";
import { type ComposeService, durationMs, readComposeFile, sizeBytes } from "./compose-file.ts";
import { isAccepted } from "./json-schema-judge.ts";

const SCHEMA: Record<string, unknown> = JSON.parse(
  readFileSync(join(import.meta.dirname, "compose-spec/schema.json"), "utf8"),
);
/** What the README promises of the bridge with its default buffers. */
const BRIDGE_BYTES_MAX = 400e6;

const file = readComposeFile();
const services = Object.entries(file.services);
/** What `docker compose` would start of a service, a variable of the caller's shell being set. */
const serviceOf = (name: string, env: Readonly<Record<string, string>> = {}): ComposeService => {
  const service = readComposeFile(env).services[name];
  if (service === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return service;
};
const bridge = serviceOf("bridge");
const redpanda = serviceOf("redpanda");

/** Names of the services for which something does not hold, so that a failure says which. */
const except = (holds: (service: ComposeService, name: string) => boolean): string[] =>
  services.flatMap(([name, service]) => (holds(service, name) ? [] : [name]));

/** "--flag=VALUE" of a command -> VALUE. */
const flag = (service: ComposeService, name: string): string =>
  (service.command ?? []).find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? "";

/** The files of bridge/ that the service runs. */
const configurations = (bridge.command ?? []).filter((argument) => argument.endsWith(".yaml"));
/** Variables that these read -> default, undefined where there is none. */
const variables = new Map(
  configurations.flatMap((name) =>
    [...readFileSync(join(ROOT, name), "utf8").matchAll(/\$\{([A-Z][A-Z0-9_]*)(?::([^}]*))?\}/g)].map(
      ([, variable = "", otherwise]) => [variable, otherwise] as const,
    ),
  ),
);

describe("the file", () => {
  test("is valid by the schema of the Compose specification", () => {
    expect(except((service) => isAccepted({ $ref: "#/$defs/service" }, service, SCHEMA))).toEqual([]);
    expect(isAccepted(SCHEMA, file)).toBe(true);
  });

  test.each([
    ["a key that Compose does not know", { memory: "512m" }],
    ["a limit that is no size", { mem_limit: true }],
    ["a dependency without a condition", { depends_on: { redpanda: {} } }],
    ["a condition of its own", { depends_on: { redpanda: { condition: "ready" } } }],
    ["a health check of another shape", { healthcheck: { command: "true" } }],
    ["the same port twice", { ports: ["127.0.0.1:1:1", "127.0.0.1:1:1"] }],
  ])("would not be valid with %s", (_what, change) => {
    const changed = { ...file, services: { ...file.services, bridge: { ...bridge, ...change } } };
    expect(isAccepted(SCHEMA, changed)).toBe(false);
  });

  test("starts nothing by itself, and with the profile dev a Kafka, its topics, its console and the bridge", () => {
    expect(services.map(([name]) => name).toSorted()).toEqual(["bridge", "console", "redpanda", "topics"]);
    expect(except(({ profiles }) => profiles.join(" ") === "dev")).toEqual([]);
  });

  test("names every image with a full version", () => {
    expect(except(({ image }) => /^[a-z.]+\/[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+$/.test(image))).toEqual([]);
    expect(serviceOf("topics").image).toBe(redpanda.image);
  });

  test("takes a Redpanda Connect that the bridge is made for: 4.100 or newer", () => {
    const [, major, minor] = /connect:(\d+)\.(\d+)\./.exec(bridge.image) ?? [];
    expect(Number(major)).toBe(4);
    expect(Number(minor)).toBeGreaterThanOrEqual(100);
  });
});

test("the README's commands fit the file", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  expect(readme).toContain("docker compose --profile dev up -d ");
  expect(readme).toContain("docker compose --profile dev up -d --no-deps bridge");
  expect(readme).toContain(`--sink kafka --brokers ${redpanda.ports?.[0]?.replace(/:\d+$/, "")} `);
  expect(readme).toContain(`http://${serviceOf("console").ports?.[0]?.replace(/:\d+$/, "")}>`);
  expect(readme).toContain(`\`FAULTLINE_URL\` (\`${bridge.environment?.["FAULTLINE_URL"]}\`)`);
});

describe("every service", () => {
  test("runs as a numbered user other than root, who cannot become more", () => {
    expect(except(({ user }) => /^[1-9]\d*:[1-9]\d*$/.test(user))).toEqual([]);
    expect(except(({ security_opt }) => security_opt.includes("no-new-privileges:true"))).toEqual([]);
    expect(
      except((service) => !("privileged" in service || "cap_add" in service || "network_mode" in service)),
    ).toEqual([]);
  });

  test("has bounds on memory and processor, at most the one that every machine has", () => {
    expect(except(({ cpus }) => cpus > 0 && cpus <= 1)).toEqual([]);
    expect(except(({ mem_limit }) => sizeBytes(mem_limit) >= 128 * 2 ** 20)).toEqual([]);
  });

  test("is published to this machine alone, if at all", () => {
    expect(except(({ ports = [] }) => ports.every((port) => port.startsWith("127.0.0.1:")))).toEqual([]);
  });

  test("that goes on has a health check, and who needs another waits until that is healthy or done", () => {
    expect(except(({ healthcheck }) => healthcheck !== undefined)).toEqual(["topics"]);
    const conditions = services.flatMap(([name, { depends_on = {} }]) =>
      Object.entries(depends_on).map(([other, { condition }]) => `${name} ${other} ${condition}`),
    );
    expect(conditions.toSorted()).toEqual([
      "bridge topics service_completed_successfully",
      "console redpanda service_healthy",
      "topics redpanda service_healthy",
    ]);
  });
});

describe("redpanda", () => {
  const listeners = (service: ComposeService, name: string) =>
    Object.fromEntries(
      flag(service, name)
        .split(",")
        .map((listener) => listener.split("://") as [string, string]),
    );

  test("has a listener for containers, whose address is what all of them are given", () => {
    expect(listeners(redpanda, "advertise-kafka-addr")).toMatchObject({ internal: "redpanda:9092" });
    expect(listeners(redpanda, "kafka-addr")).toMatchObject({ internal: "0.0.0.0:9092" });
    expect(bridge.environment).toMatchObject({ KAFKA_BROKERS: "redpanda:9092" });
    expect(serviceOf("console").environment).toMatchObject({ KAFKA_BROKERS: "redpanda:9092" });
    expect(serviceOf("topics").environment).toMatchObject({ RPK_BROKERS: "redpanda:9092" });
  });

  test.each([
    ["", "19092"],
    ["29092", "29092"],
  ])("given KAFKA_PORT=%s, has one for this machine, which advertises the port %s that is published", (set, port) => {
    const service = serviceOf("redpanda", { KAFKA_PORT: set });
    expect(listeners(service, "advertise-kafka-addr")).toMatchObject({ external: `127.0.0.1:${port}` });
    const [, inner] = (listeners(service, "kafka-addr")["external"] ?? "").split(":");
    expect(service.ports).toEqual([`127.0.0.1:${port}:${inner}`]);
  });

  test("acknowledges what is on disk, makes no topic out of a typing error, and has more memory than it takes", () => {
    expect(redpanda.command).not.toContain("--mode=dev-container");
    expect(redpanda.command?.join(" ")).toContain("--set redpanda.auto_create_topics_enabled=false");
    expect(sizeBytes(redpanda.mem_limit)).toBeGreaterThan(sizeBytes(flag(redpanda, "memory")));
  });

  test("keeps its data in a volume that the file names", () => {
    expect(redpanda.volumes).toEqual(["redpanda:/var/lib/redpanda/data"]);
    expect(Object.keys(file.volumes)).toEqual(["redpanda"]);
  });
});

describe("topics", () => {
  test("are those that the bridge reads and writes, made once", () => {
    const { entrypoint, command } = serviceOf("topics");
    expect([entrypoint, command?.slice(0, 3)]).toEqual([["rpk"], ["topic", "create", "--if-not-exists"]]);
    expect(command?.slice(-2)).toEqual([variables.get("KAFKA_TOPIC"), variables.get("DLQ_TOPIC")]);
  });

  test("given other names, are made under these, and the bridge is given the same", () => {
    const names = { KAFKA_TOPIC: "events", DLQ_TOPIC: "events_dead" };
    expect(serviceOf("topics", names).command?.slice(-2)).toEqual(["events", "events_dead"]);
    expect(serviceOf("bridge", names).environment).toMatchObject(names);
  });
});

describe("bridge", () => {
  test("is given what exists in this repository, and cannot write to it", () => {
    expect(bridge.read_only).toBe(true);
    expect(bridge.cap_drop).toEqual(["ALL"]);
    expect(bridge.volumes?.map((volume) => volume.split(":"))).toEqual([["./bridge", "/faultline/bridge", "ro"]]);
    expect(existsSync(join(ROOT, "bridge"))).toBe(true);
  });

  test("runs the files that the README's command runs, from where they are mounted", () => {
    expect(configurations.length).toBeGreaterThan(2);
    for (const name of configurations) {
      expect(existsSync(join(ROOT, name))).toBe(true);
      expect(posix.join(bridge.working_dir ?? "", name)).toMatch(/^\/faultline\/bridge\//);
    }
    const readme = readFileSync(join(ROOT, "README.md"), "utf8").replaceAll("\\\n", "");
    const [, command = ""] = /redpanda-connect (streams .*)/.exec(readme) ?? [];
    expect(bridge.command).toEqual(command.replace("--env-file .dev.vars ", "").split(/\s+/));
  });

  test("finds what these read in their turn where it is mounted", () => {
    const read = [...variables.values()].filter((otherwise) => otherwise?.startsWith("bridge/"));
    expect(read).toContain("bridge/mapping.blobl");
    expect(read.filter((name = "") => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  test("has every variable that these read, or its default", () => {
    const set = new Set(Object.keys(bridge.environment ?? {}));
    const open = [...variables].filter(([name, otherwise]) => otherwise === undefined && !set.has(name));
    expect(variables.size).toBeGreaterThan(20);
    expect(open.map(([name]) => name)).toEqual([]);
  });

  test("is given no variable that nothing reads", () => {
    const others = Object.keys(bridge.environment ?? {}).filter((name) => !variables.has(name));
    // Go's own, and two tokens that are taken away.
    expect(others.toSorted()).toEqual(["ADMIN_TOKEN", "GOMEMLIMIT", "VIEWER_TOKEN"]);
  });

  test("hands on each variable of the README's table, and leaves what is not set to the configuration", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const [, table = ""] = /\| Variable +\| Default +\|.*?\n((?:\|.*\n)+)/.exec(readme) ?? [];
    const names = [...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(8);
    for (const name of names.filter((each) => each !== "INGEST_TOKEN")) {
      expect(serviceOf("bridge", { [name]: "other" }).environment?.[name]).toBe("other");
    }
    const kept = new Set(["FAULTLINE_URL", "KAFKA_BROKERS", "GOMEMLIMIT"]);
    const preset = Object.entries(bridge.environment ?? {}).filter(([name, value]) => !kept.has(name) && value !== "");
    expect(preset).toEqual([]);
  });

  test("has the tokens from where `npm start` writes them, and of these the one for events alone", () => {
    expect(join(ROOT, bridge.env_file ?? "")).toBe(DEV_VARS);
    expect(bridge.environment).toMatchObject({ VIEWER_TOKEN: "", ADMIN_TOKEN: "" });
    expect(bridge.environment).not.toHaveProperty("INGEST_TOKEN");
  });

  test("reaches `npm start` on this machine, on Linux too, at the port where that listens", () => {
    expect(bridge.extra_hosts).toEqual(["host.docker.internal:host-gateway"]);
    expect(bridge.environment?.["FAULTLINE_URL"]).toBe(`http://host.docker.internal:${parseStartOptions([]).port}`);
  });

  test("has more time to end than it takes itself to settle what is in flight", () => {
    const own = durationMs(variables.get("SHUTDOWN_TIMEOUT") ?? "");
    expect(durationMs(bridge.stop_grace_period ?? "")).toBeGreaterThanOrEqual(1.5 * own);
  });

  test("may take the memory that it is said to need, and collects before it is killed for more", () => {
    const collects = sizeBytes(bridge.environment?.["GOMEMLIMIT"] ?? "");
    expect(collects).toBeGreaterThanOrEqual(BRIDGE_BYTES_MAX);
    expect(sizeBytes(bridge.mem_limit)).toBeGreaterThan(1.2 * collects);
  });
});
