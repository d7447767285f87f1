/** The generator's command: `node generator/main.ts --help`. */
import { randomUUID } from "node:crypto";
import { randomAnomalies } from "./anomalies.ts";
import { askForFaults, DemoPlayer } from "./demo-player.ts";
import { Disorder } from "./disorder.ts";
import { GeneratorFailure } from "./failure.ts";
import { NO_FAULTS, scheduleOfAll, type FaultSchedule } from "./fault.ts";
import { createHttpSink } from "./http-sink.ts";
import { createKafkaSink } from "./kafka-sink.ts";
import { HELP, parseGeneratorOptions, type GeneratorOptions } from "./options.ts";
import { Pump } from "./pump.ts";
import { createReport } from "./report.ts";
import { servicesOf, type ServiceProfile } from "./services.ts";
import { SLOT_MS } from "./stream.ts";
import { faultsOfHistory, faultsOfTour, HISTORY_MS, HISTORY_RATE_PER_SERVICE } from "./tour.ts";

try {
  const options = parseGeneratorOptions(process.argv.slice(2), process.env);
  if (options === null) process.stdout.write(HELP);
  else await generate(options, endOnSignal());
} catch (error) {
  if (!(error instanceof GeneratorFailure)) throw error;
  process.stderr.write(`generator: ${error.message}\n`);
  process.exitCode = error.exitCode;
}

/** Runs until the duration is over or the end is asked for, which is no failure; the summary comes in every case. */
async function generate(options: GeneratorOptions, ended: AbortSignal): Promise<void> {
  const report = createReport(options.json, (line) => process.stdout.write(`${line}\n`));
  const services = servicesOf(options.services);
  const sink = options.target.sink === "http" ? createHttpSink(options.target) : await createKafkaSink(options.target);
  const pump = new Pump({
    sink,
    disorder: new Disorder(options.seed, options.disorder_ms),
    report,
    ended,
    now: Date.now,
    run: randomUUID(),
  });
  const names = services.map((profile) => profile.service);
  report(Date.now(), { kind: "start", to: sink.name, services: names, rate: options.rate, seed: options.seed });
  const player = new DemoPlayer(report);
  const sent = new AbortController();
  const asking =
    options.demo === null
      ? []
      : [askForFaults(options.demo, player, { report, ended: AbortSignal.any([ended, sent.signal]), now: Date.now })];
  try {
    await Promise.race([send(options, services, pump, player.schedule), ...asking]);
  } catch (error) {
    if (!ended.aborted) throw error;
  } finally {
    // Nothing is played any more: who still asked would keep the process alive.
    sent.abort();
    report(Date.now(), { kind: "summary", ...pump.totals() });
    await sink.close();
  }
}

async function send(
  options: GeneratorOptions,
  services: readonly ServiceProfile[],
  pump: Pump,
  wished: FaultSchedule,
): Promise<void> {
  // The stream is counted from a whole second, which makes the times that are printed easy to find on a chart.
  const start_ms = Math.floor(Date.now() / 1000) * 1000;
  const stream = { seed: options.seed, services, rate: options.rate, origin_ms: start_ms };
  if (options.tour && options.history) {
    const rate = Math.min(options.rate, HISTORY_RATE_PER_SERVICE * services.length);
    await pump.sendPast({ ...stream, rate, faults: faultsOfHistory(start_ms) }, start_ms - HISTORY_MS, start_ms);
  }
  const live_ms = Math.ceil(Date.now() / SLOT_MS) * SLOT_MS;
  const to_ms = options.duration_ms === null ? Number.POSITIVE_INFINITY : start_ms + options.duration_ms;
  const faults = scheduleOfAll([faultsOf(options, services, start_ms, live_ms), wished]);
  await pump.sendLive({ ...stream, faults }, start_ms, to_ms);
}

function faultsOf(
  options: GeneratorOptions,
  services: readonly ServiceProfile[],
  start_ms: number,
  live_ms: number,
): FaultSchedule {
  const { seed } = options;
  const random = options.anomalies === "random";
  if (options.tour) return faultsOfTour({ seed, services, random }, start_ms, live_ms);
  return random ? randomAnomalies({ seed, services, origin_ms: start_ms, from_ms: start_ms }) : NO_FAULTS;
}

/** The first signal ends politely; a second one ends at once, as the default does. */
function endOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
