/** One simulation from its seed to its verdict: disturbances, then peace, then the accounts. */
import { checkAccounts, checkIncidents } from "./accounts.ts";
import type { Broken } from "./invariants.ts";
import { PARTS } from "./network.ts";
import { CALM, planOf } from "./plan.ts";
import { NO_PLANT, type PlantName, PLANTS } from "./plants.ts";
import { World } from "./world.ts";

export interface RunOptions {
  readonly plant: PlantName | null;
  /** Hears of every step. */
  readonly note?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly broken: Broken | null;
  /** Of all steps and of history in the end, in hex: two runs of a seed have the same. */
  readonly digest: string;
  readonly steps: number;
  readonly messages: number;
  readonly incidents: number;
  /** Services whose incidents were compared with those of the plain stream. */
  readonly compared: number;
}

/** How long disturbances go on after the last message was written. */
const AFTER_MS = 15_000;
/** A backlog that takes longer than this is delivered in peace. */
const BACKLOG_MS = 60_000;
const QUIET_MS = 6_000;
const HEARTBEAT_MS = 10_000;
const DRAIN_STEP_MS = 20_000;
/** Virtual time in which everything must have been handed on, and every act be over. */
const PATIENCE_MS = 20 * 60_000;

export async function simulate(seed: number, options: RunOptions): Promise<RunResult> {
  const plan = planOf(seed);
  const plant = options.plant === null ? NO_PLANT : PLANTS[options.plant].make();
  const world = new World(plan, plant, options.note ?? (() => undefined));
  const quiet = silenced((line) => options.note?.(line));
  try {
    await disturb(world);
    await heal(world);
    await settle(world);
  } finally {
    quiet();
    world.close();
  }
  const rows = [...world.history.table.rows.values()];
  world.digest.update(JSON.stringify(rows));
  return {
    seed,
    broken: world.invariants.broken,
    digest: world.digest.digest("hex"),
    steps: world.scheduler.steps,
    messages: world.logs.flat().length,
    incidents: world.history.table.of("incidents").length,
    compared: world.compared,
  };
}

async function disturb(world: World): Promise<void> {
  const { plan, scheduler } = world;
  const end_ms = scheduler.now_ms + (plan.kind === "wild" ? plan.seconds * 1000 + AFTER_MS : BACKLOG_MS);
  world.bridge.start();
  beat(world, end_ms);
  for (const host of world.hosts) visit(world, host);
  for (let i = 0; i < plan.outages; i += 1) outage(world, end_ms);
  const anywhen = (work: () => void): void => scheduler.at(world.dice.whole(scheduler.now_ms, end_ms), work);
  for (let i = 0; i < plan.acts; i += 1) anywhen(() => world.operator.act());
  if (plan.plain_http)
    for (let i = 0; i < 4; i += 1) anywhen(() => world.operator.plain(world.dice.pick(plan.services)));
  const isOver = plan.kind === "orderly" ? () => world.bridge.isDone : () => false;
  await world.run(end_ms, isOver);
}

/** All parts are whole again; what is under way comes to its end. */
async function heal(world: World): Promise<void> {
  world.trace("peace");
  world.network.chaos = CALM;
  for (const part of PARTS) world.network.turn(part, "up");
  for (const { storage } of world.objects) storage.failAfter(null);
  const end_ms = world.scheduler.now_ms + PATIENCE_MS;
  await world.run(end_ms, () => world.bridge.isDone && world.operator.isDone);
  world.invariants.holds("ingest_goes_on", "bridge", world.bridge.isDone, "all is delivered", "a batch that never is");
  world.invariants.holds("ingest_goes_on", "operator", world.operator.isDone, "all acts end", "an act that never does");
}

async function settle(world: World): Promise<void> {
  const { scheduler } = world;
  await world.run(scheduler.now_ms + QUIET_MS, () => false);
  if (world.plan.kind === "orderly") world.compared = checkIncidents(world);
  else await probe(world);
  const end_ms = scheduler.now_ms + PATIENCE_MS;
  do await world.run(scheduler.now_ms + DRAIN_STEP_MS, () => false);
  while (!isDrained(world) && scheduler.now_ms < end_ms && world.invariants.broken === null);
  await world.run(scheduler.now_ms + DRAIN_STEP_MS, () => false);
  checkAccounts(world);
}

function isDrained(world: World): boolean {
  return world.narrator.isDone && world.monitors.every((monitor) => monitor.waiting() === 0);
}

/** Without D1, the Fleet and the Narrator a service that is known takes an event. */
async function probe(world: World): Promise<void> {
  const known = world.monitors.filter((monitor) => monitor.describe() !== null);
  if (known.length === 0) return;
  for (const part of PARTS) world.network.turn(part, "refuses");
  for (const { service } of known) world.operator.plain(service);
  await world.run(world.scheduler.now_ms + 1_000, () => world.operator.isDone);
  world.invariants.holds("ingest_goes_on", "a known service", world.operator.isDone, "taken at once", "not taken");
  for (const part of PARTS) world.network.turn(part, "up");
  await world.run(world.scheduler.now_ms + PATIENCE_MS, () => world.operator.isDone);
}

/** The bridge tells that it lives, and how far it is behind. */
function beat(world: World, until_ms: number): void {
  const { scheduler, network, fleet } = world;
  const told = network.call({ part: "fleet" }, () =>
    fleet.call((actor) => actor.heartbeat({ source: "default", instance: "bridge-1", lag: 0 })),
  );
  // A beat that is lost is followed by the next.
  told.catch(() => undefined);
  if (scheduler.now_ms < until_ms) scheduler.after(HEARTBEAT_MS, () => beat(world, until_ms));
}

/** A page that opens the socket, stays a while, leaves, and comes back. */
function visit(world: World, host: World["hosts"][number]): void {
  const { dice, scheduler } = world;
  if (host.client.isOpen && dice.chance(0.5)) host.client.leave();
  else if (!host.client.isOpen) host.connect().catch(() => undefined);
  if (world.network.chaos !== CALM || !host.client.isOpen)
    scheduler.after(dice.whole(2_000, 15_000), () => visit(world, host));
}

function outage(world: World, end_ms: number): void {
  const { dice, scheduler, network } = world;
  const part = dice.pick(PARTS);
  const mode = dice.chance(0.7) ? "refuses" : "hangs";
  const from_ms = dice.whole(scheduler.now_ms, end_ms);
  scheduler.at(from_ms, () => {
    // Peace has come meanwhile.
    if (network.chaos === CALM) return;
    world.trace(`${part} ${mode}`);
    network.turn(part, mode);
  });
  scheduler.at(from_ms + dice.whole(1_000, 40_000), () => network.turn(part, "up"));
}

/** What the actors log of injected faults is noted, not printed; gives back the console. */
function silenced(note: (line: string) => void): () => void {
  const { info, warn, error } = console;
  console.info = (...said: unknown[]) => note(`  says: ${said.map(String).join(" ")}`);
  console.warn = (...said: unknown[]) => note(`  warns: ${said.map(String).join(" ")}`);
  console.error = (...said: unknown[]) => note(`  error: ${said.map(String).join(" ")}`);
  return () => Object.assign(console, { info, warn, error });
}
