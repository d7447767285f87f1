/** From a fault to words: with a real Ollama, with a model whose words stand, and with none that answers. */
import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import type { Evidence } from "../../domain/evidence.ts";
import type { Incident } from "../../domain/incident.ts";
import { LIVE_SUBPROTOCOL, type FleetMessage, type IncidentEvent, type NarrativeEvent } from "../../domain/message.ts";
import type { Narrative } from "../../domain/narrative.ts";
import type { Readiness } from "../../domain/resource.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type StreamOptions } from "../../generator/stream.ts";
import { unknownNumbers } from "../narrative-oracle.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { HeldOllama, MODEL } from "./held-ollama.ts";
import { ingest } from "./ingest.ts";
import { freePort, until } from "./process-group.ts";
import { required } from "./real-parts.ts";

const REAL_MODEL = "smollm2:135m";
/** Two attempts of a real model, which starves where other things run: a minute in all on two cores of its own. */
const CALL_MS = 280_000;
const REAL_MS = 2 * CALL_MS + 10_000;
/** How long the circuit stays open, and some for the trial. */
const CIRCUIT_MS = 60_000;

let ends: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

type Told = { readonly at_ms: number; readonly message: IncidentEvent | NarrativeEvent };

/** The fleet's durable events as they come. */
class FleetListener {
  readonly told: Told[] = [];
  readonly #socket: WebSocket;

  constructor(server: FaultlineServer) {
    this.#socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/live`, {
      protocols: [LIVE_SUBPROTOCOL],
      headers: { Authorization: `Bearer ${TOKENS.VIEWER_TOKEN}` },
    } as unknown as string[]);
    this.#socket.addEventListener("message", ({ data }) => {
      const message: FleetMessage = JSON.parse(String(data));
      if (message.type === "incident" || message.type === "narrative")
        this.told.push({ at_ms: performance.now(), message });
    });
    ends.push(() => this.#socket.close());
  }

  async open(): Promise<void> {
    await until("the fleet's socket", 20_000, () => (this.#socket.readyState === WebSocket.OPEN ? true : undefined));
  }

  /** When the incident of a service was told, and when words of it first were. */
  firstOf(service: string): { readonly incident_ms: number; readonly words_ms: number } | undefined {
    const opened = this.told.find(({ message }) => message.type === "incident" && message.incident.service === service);
    const worded = this.told.find(
      ({ message }) => message.type === "narrative" && message.narrative.service === service,
    );
    return opened && worded && { incident_ms: opened.at_ms, words_ms: worded.at_ms };
  }

  narratives(service: string): readonly Narrative[] {
    return this.told.flatMap(({ message }) =>
      message.type === "narrative" && message.narrative.service === service ? [message.narrative] : [],
    );
  }
}

async function started(variables: Readonly<Record<string, string>>): Promise<FaultlineServer> {
  const server = new FaultlineServer(variables);
  ends.push(() => server.stop());
  await server.start();
  return server;
}

/** Ten minutes of health, then half a minute in which one endpoint of each service fails, up to now. */
async function failing(server: FaultlineServer, services: number): Promise<void> {
  const now_ms = Date.now();
  const origin_ms = now_ms - 630_000;
  const profiles = servicesOf(services);
  const fault = { kind: "errors", share: 0.9, from_ms: now_ms - 30_000, to_ms: Infinity } as const;
  const faults = scheduleOf(
    profiles.map(({ service, endpoints }) => ({ ...fault, service, endpoint: endpoints[0]!.endpoint })),
  );
  const stream: StreamOptions = { seed: 1, services: profiles, rate: 30 * services, faults, origin_ms };
  await ingest(server, [...eventsBetween(stream, origin_ms, now_ms)]);
}

async function storedOf(server: FaultlineServer, incident_id: string): Promise<Narrative> {
  return server.get<Narrative>(`/v1/incidents/${incident_id}/narrative`);
}

/** Numbers of the words that the stored evidence does not have. */
async function inventedOf(server: FaultlineServer, narrative: Narrative): Promise<string[]> {
  const incident = await server.get<Incident>(`/v1/incidents/${narrative.incident_id}`);
  const evidence: Evidence = {
    ...narrative,
    subject: incident,
    facts: narrative.evidence,
    links: { runbook: null, traces: null },
  };
  return unknownNumbers(narrative, evidence);
}

/** Asks whether the words are final until they are. */
async function settled(server: FaultlineServer, listener: FleetListener, within_ms: number): Promise<Narrative> {
  return until("words that are final", within_ms, async () => {
    const last = listener.narratives("checkout").at(-1);
    if (last === undefined) return undefined;
    const narrative = await storedOf(server, last.incident_id);
    const isFinal = narrative.source === "llm" || narrative.reason === "ungrounded";
    return isFinal ? narrative : undefined;
  });
}

test(
  "with a real model a fault ends in words that are stored and pushed, with no invented number",
  { timeout: REAL_MS + 60_000 },
  async () => {
    const ollama = { OLLAMA_URL: required("OLLAMA_URL"), OLLAMA_MODEL: REAL_MODEL, OLLAMA_TIMEOUT_MS: String(CALL_MS) };
    const server = await started(ollama);
    const listener = new FleetListener(server);
    await listener.open();

    await failing(server, 1);

    const narrative = await settled(server, listener, REAL_MS);
    // So small a model writes nonsense, which is refused: then the template stays, and says of which model it stays.
    expect(narrative.llm_model).toBe(REAL_MODEL);
    expect(narrative.evidence.length).toBeGreaterThan(3);
    expect(await inventedOf(server, narrative)).toEqual([]);
    await until("the same words on the socket", 10_000, () =>
      listener.narratives("checkout").some(({ revision }) => revision === narrative.revision) ? true : undefined,
    );
    const told = listener.narratives("checkout").find(({ revision }) => revision === narrative.revision);
    expect(told).toEqual(narrative);
  },
);

test("words of a model that stand take the template's place, stored and pushed", async () => {
  const ollama = new HeldOllama();
  ends.push(() => ollama.stop());
  const server = await started({ OLLAMA_URL: await ollama.start(), OLLAMA_MODEL: MODEL });
  const listener = new FleetListener(server);
  await listener.open();

  await failing(server, 1);
  await until("a question", 30_000, () => (ollama.waiting.length > 0 ? true : undefined));
  const before = await until("the template", 10_000, () => listener.narratives("checkout").at(-1));
  expect(before.source).toBe("template");
  ollama.answer(() => "Requests to checkout fail.");

  const narrative = await settled(server, listener, 30_000);
  expect(narrative).toMatchObject({ source: "llm", llm_model: MODEL });
  expect(narrative.summary[0]!.text).toMatch(/^Requests to checkout fail\./);
  expect(await inventedOf(server, narrative)).toEqual([]);
  await until("the same words on the socket", 10_000, () =>
    listener.narratives("checkout").some(({ source }) => source === "llm") ? true : undefined,
  );
});

/** Something in Ollama's place that is there and does not work. */
async function broken(port: number): Promise<{ readonly server: Server; calls: number }> {
  const place = { calls: 0, server: createServer() };
  place.server.on("request", (request, response) => {
    request.resume();
    place.calls += 1;
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => place.server.listen(port, "127.0.0.1", resolve));
  return place;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function narratorCheck(server: FaultlineServer): Promise<{ readonly ok: boolean; readonly detail: string }> {
  return (await server.get<Readiness>("/ready?verbose")).checks["narrator"]!;
}

test("without a model that answers words are there at once; after five failed calls it is left alone until it is back", async () => {
  const port = await freePort();
  const away = await broken(port);
  ends.push(() => closed(away.server));
  const server = await started({ OLLAMA_URL: `http://127.0.0.1:${port}`, OLLAMA_MODEL: MODEL });
  const listener = new FleetListener(server);
  await listener.open();
  const names = servicesOf(6).map(({ service }) => service);

  await failing(server, names.length);

  await until("words of all", 30_000, () => (names.every((name) => listener.firstOf(name)) ? true : undefined));
  const waits_ms = names.map((name) => {
    const { incident_ms, words_ms } = listener.firstOf(name)!;
    return words_ms - incident_ms;
  });
  expect(Math.max(...waits_ms)).toBeLessThan(1000);
  const open = await until("the circuit to open", 30_000, async () => {
    const check = await narratorCheck(server);
    return check.ok ? undefined : check;
  });
  expect(open.detail).toContain(`${MODEL} does not answer`);
  // Two calls may be under way when the fifth fails.
  expect(away.calls).toBeGreaterThanOrEqual(5);
  expect(away.calls).toBeLessThanOrEqual(6);

  await closed(away.server);
  const ollama = new HeldOllama();
  ends.push(() => ollama.stop());
  await ollama.start(port);
  await until("the trial call", CIRCUIT_MS, () => (ollama.waiting.length > 0 ? true : undefined));
  expect(ollama.waiting).toHaveLength(1);
  ollama.answer((service) => `Requests to ${service} fail.`);
  await until("the circuit to close", 10_000, async () => ((await narratorCheck(server)).ok ? true : undefined));
  await until("the others' turn", 30_000, () => (ollama.waiting.length > 0 ? true : undefined));
});
