/** What the real Faultline tells of a small fleet, made as large as wanted, moved to any time and carried on second by second. */
import { setTimeout as delay } from "node:timers/promises";
import type { Incident } from "../../domain/incident.ts";
import { type FleetMessage, type FleetSnapshot, type FleetTick, LIVE_SUBPROTOCOL } from "../../domain/message.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween } from "../../generator/stream.ts";
import { type FaultlineServer, TOKENS } from "../../tests/e2e/faultline-server.ts";
import { ingest } from "../../tests/e2e/ingest.ts";
import { until } from "../../tests/e2e/process-group.ts";

const MINUTE_MS = 60_000;
/** Services that Faultline really holds; the larger fleets are copies of them. */
const SEEDED = 6;
/** Of these, the first ones fail, so that a page has rows with an incident to draw. */
const FAILING = 2;
/** A tick leaves the server about that much after the second that it tells of. */
const LAG_MS = 2500;

type ServiceOf = FleetSnapshot["services"][number];

/** Sends an hour of six services, two of which fail at its end, and waits for their incidents. */
export async function seed(server: FaultlineServer): Promise<void> {
  const now_ms = Math.floor(Date.now() / 1000) * 1000;
  const origin_ms = now_ms - 62 * MINUTE_MS;
  const services = servicesOf(SEEDED);
  const faults = scheduleOf(
    services.slice(0, FAILING).map(({ service }) => ({
      kind: "errors",
      service,
      endpoint: null,
      share: 0.5,
      from_ms: now_ms - MINUTE_MS,
      to_ms: Number.POSITIVE_INFINITY,
    })),
  );
  await ingest(server, [
    ...eventsBetween({ seed: 1, services, rate: 5 * SEEDED, faults, origin_ms }, origin_ms, now_ms),
  ]);
  await until("the incidents", 60_000, async () => {
    const { incidents } = await readSnapshot(server);
    return incidents.filter(({ status }) => status === "open").length === FAILING ? true : undefined;
  });
}

/** What a page is told first. */
export async function readSnapshot(server: FaultlineServer): Promise<FleetSnapshot> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/live`, {
    protocols: [LIVE_SUBPROTOCOL],
    headers: { Authorization: `Bearer ${TOKENS.VIEWER_TOKEN}` },
  } as unknown as string[]);
  try {
    return await Promise.race([
      new Promise<FleetSnapshot>((resolve, reject) => {
        socket.addEventListener("error", () => reject(new Error("the live socket was refused")));
        socket.addEventListener("message", ({ data }) => {
          const message = JSON.parse(String(data)) as FleetMessage;
          if (message.type === "snapshot") resolve(message);
        });
      }),
      delay(10_000, undefined, { ref: false }).then(() => {
        throw new Error("no snapshot came within 10 s");
      }),
    ]);
  } finally {
    socket.close();
  }
}

export class FleetScene {
  readonly snapshot: FleetSnapshot;
  /** Event time of the snapshot's newest second, epoch ms. */
  readonly #begin_ms: number;

  /**
   * @param real what Faultline told of the seeded services
   * @param count services of the scene
   * @param begin_ms when it begins, epoch ms: rounded down so that minutes stay minutes
   */
  constructor(real: FleetSnapshot, count: number, begin_ms: number) {
    const newest_ms = Math.max(...real.services.map(({ at }) => at));
    const shift_ms = Math.floor((begin_ms - newest_ms) / MINUTE_MS) * MINUTE_MS;
    this.#begin_ms = newest_ms + shift_ms;
    const open = real.incidents.filter(({ status }) => status === "open");
    const failing = new Set(open.map(({ service }) => service));
    const healthy = real.services.filter(({ service }) => !failing.has(service));
    const copies = Array.from({ length: count - real.services.length }, (_, index) => {
      const source = healthy[index % healthy.length]!;
      return { ...source, service: `${source.service}-${index + 100}` };
    });
    this.snapshot = {
      ...real,
      services: [...real.services, ...copies].map((service) => this.#shifted(service, shift_ms)),
      incidents: open.map((incident) => shiftedIncident(incident, shift_ms)),
    };
  }

  /** The tick of the n-th second after the snapshot: all services move, and all close their minute together. */
  tick(n: number): FleetTick {
    const at = this.#begin_ms + n * 1000;
    const closes = Math.floor(at / 1000) % 60 === 0;
    const services = this.snapshot.services.map(({ minutes, ...now }, index) => {
      const sway = 1 + 0.2 * Math.sin(n / 7 + index);
      const moved = {
        ...now,
        at,
        request_rate: now.request_rate * sway,
        error_rate: Math.min(1, now.error_rate * sway),
        p95_latency_ms: now.p95_latency_ms === null ? null : now.p95_latency_ms * sway,
      };
      const last = minutes.at(-1);
      if (!closes || last === undefined) return moved;
      const closed_minute = { ...last, at: at / 1000 - 60, request_count: Math.round(last.request_count * sway) };
      return { ...moved, closed_minute };
    });
    return { type: "tick", at: at + LAG_MS, services };
  }

  #shifted(service: ServiceOf, shift_ms: number): ServiceOf {
    const minutes = service.minutes.map((minute) => ({ ...minute, at: minute.at + shift_ms / 1000 }));
    return { ...service, at: this.#begin_ms, minutes };
  }
}

/** Its times are RFC 3339; the id, which has one in it too, stays: it is a name. */
function shiftedIncident(incident: Incident, shift_ms: number): Incident {
  const moved: unknown = JSON.parse(JSON.stringify(incident), (_key, value: unknown) =>
    typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
      ? new Date(Date.parse(value) + shift_ms).toISOString()
      : value,
  );
  return moved as Incident;
}
