import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import type { DemoFault, DemoState } from "../domain/demo.ts";
import { askForFaults, DemoPlayer } from "./demo-player.ts";
import type { Occurrence } from "./report.ts";
import { servicesOf } from "./services.ts";
import { eventsBetween } from "./stream.ts";

const START = Date.parse("2026-11-24T10:00:00Z");
const WISH: DemoFault = {
  id: "1",
  service: "checkout",
  endpoint: null,
  kind: "errors",
  strength: 1,
  for_s: 60,
  from: "2026-11-24T10:00:00.000Z",
  to: "2026-11-24T10:01:00.000Z",
};

function setUp() {
  const told: [at_ms: number, occurrence: Occurrence][] = [];
  const player = new DemoPlayer((at_ms, occurrence) => void told.push([at_ms, occurrence]));
  const active = (at_ms: number) => player.schedule.activeAt("checkout", at_ms);
  const kinds = () => told.map(([at_ms, { kind }]) => [kind, at_ms - START]);
  return { player, active, kinds, told };
}

describe("the player of faults on purpose", () => {
  it("begins with the next slot, however often it is told, and ends in time", () => {
    const { player, active, kinds } = setUp();
    for (const after_ms of [30, 530, 1030]) player.take([WISH], START + after_ms);
    expect(active(START + 99)).toEqual([]);
    expect(active(START + 100)).toEqual([expect.objectContaining({ kind: "errors", share: 1 })]);
    expect(active(START + 59_999)).toHaveLength(1);
    expect(active(START + 60_000)).toEqual([]);
    player.take([], START + 60_010);
    player.take([], START + 60_510);
    expect(kinds()).toEqual([
      ["fault", 100],
      ["heal", 60_000],
    ]);
  });

  it("ends early what is no longer on, and can still make events of the time before", () => {
    const { player, active, kinds } = setUp();
    player.take([WISH], START);
    player.take([], START + 20_020);
    expect([active(START + 20_000).length, active(START + 20_100).length]).toEqual([1, 0]);
    expect(kinds()).toEqual([
      ["fault", 0],
      ["heal", 20_100],
    ]);
    player.take([], START + 81_000);
    expect(active(START + 20_000)).toEqual([]);
  });

  it("plays nothing that is over before it could begin", () => {
    const { player, kinds } = setUp();
    player.take([WISH], START + 59_950);
    expect(kinds()).toEqual([]);
  });

  it("takes down what is down, and turns each kind into what the stream knows", () => {
    const { player, active } = setUp();
    player.take([{ ...WISH, kind: "down" }], START);
    player.take(
      [
        { ...WISH, kind: "down" },
        { ...WISH, id: "2", kind: "latency", strength: 6 },
      ],
      START,
    );
    expect(active(START)).toMatchObject([
      { kind: "traffic", factor: 0 },
      { kind: "latency", factor: 6 },
    ]);
    const stream = { seed: 1, services: servicesOf(3), rate: 300, faults: player.schedule };
    const services = new Set([...eventsBetween(stream, START, START + 60_000)].map(({ service }) => service));
    expect(services).toEqual(new Set(["payments", "search"]));
  });

  it("asks with its token until the end, tells of trouble once, and goes on", async () => {
    const answers: (DemoState | number)[] = [
      503,
      503,
      { on: false, faults: [], asked_at: null },
      { on: true, faults: [WISH], asked_at: null },
    ];
    const ended = new AbortController();
    const tokens = new Set<string | undefined>();
    const server = createServer((request, response) => {
      tokens.add(request.headers.authorization);
      const answer = answers.shift();
      if (answer === undefined) return ended.abort();
      if (typeof answer === "number") response.writeHead(answer).end();
      else response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { player, told } = setUp();
    const target = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "secret" };
    const report = (at_ms: number, occurrence: Occurrence) => void told.push([at_ms, occurrence]);
    await expect(askForFaults(target, player, { report, ended: ended.signal, now: () => START })).rejects.toThrow(
      "aborted",
    );
    server.closeAllConnections();
    server.close();
    expect([...tokens]).toEqual(["Bearer secret"]);
    expect(told.map(([, occurrence]) => (occurrence.kind === "demo" ? occurrence.trouble : occurrence.kind))).toEqual([
      "it answers 503",
      "demo mode is off there",
      null,
      "fault",
    ]);
  });
});
