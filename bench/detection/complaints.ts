/** Healthy services of the kinds that people complain about: each is a service of its own that must stay quiet. */
import { type Random, randomFor } from "../../generator/random.ts";
import { BinSampler } from "./bin-sampler.ts";
import { FLAT } from "./cycle.ts";
import type { Effect } from "./effect.ts";
import { LATENCY_SHAPES, mixture, uniform } from "./latency-shape.ts";
import { USUAL_NOISE } from "./noise.ts";
import { ordinaryService, type ServiceProfile, withEndpoint } from "./profile.ts";

export const DAY_S = 86_400;
const HOUR_S = 3600;

interface Complaint {
  readonly name: string;
  readonly rate: number;
  readonly base_error: number;
  /** What recurs must have recurred before it can be known: alarms of the first days are not counted. */
  readonly known_after_days?: number;
  /** Beside the criteria: it shows what marks as false positives change. */
  readonly marks?: "none" | "first three";
  readonly draw: (
    random: Random,
    seed: number,
    index: number,
    from_s: number,
    to_s: number,
  ) => { readonly profile: ServiceProfile; readonly effects: readonly Effect[] };
}

const BASE_ERROR = 0.001;

function ordinary(seed: number, index: number, rate: number): ServiceProfile {
  return ordinaryService(seed, index, {
    rate,
    base_error: BASE_ERROR,
    shape: LATENCY_SHAPES[index % LATENCY_SHAPES.length]!,
  });
}

/** A poll is answered when something happens or after 30 s; how many wait beside the short requests changes all the time. */
function longPolls(random: Random, seed: number, index: number): { profile: ServiceProfile; effects: Effect[] } {
  const polls = {
    name: "/poll",
    error_rate: BASE_ERROR,
    latency: new BinSampler(mixture([0.4, uniform(100, 30_000)], [0.6, uniform(29_900, 30_200)])),
  };
  const short = ordinary(seed, index, 7);
  const profile = withEndpoint(short, random.between(1, 4), polls);
  return { profile: { ...profile, noise: { ...USUAL_NOISE, mix_sigma: 0.35 } }, effects: [] };
}

/** It sleeps when nobody calls; the first requests after a sleep wait for it to start. */
function coldStarts(
  random: Random,
  seed: number,
  index: number,
  from_s: number,
  to_s: number,
): { profile: ServiceProfile; effects: Effect[] } {
  const effects: Effect[] = [];
  let at_s = from_s;
  while (at_s < to_s) {
    const awake_s = at_s + Math.ceil(30 + random.exponential(8 * 60));
    const asleep_s = awake_s + Math.ceil(5 * 60 + random.exponential(30 * 60));
    // Starting takes 2 to 6 s, whatever the request.
    effects.push({
      from_s: at_s,
      to_s: at_s + 2 + random.index(5),
      latency_factor: random.between(20, 60),
      label: "start",
    });
    effects.push({ from_s: awake_s, to_s: asleep_s, rate_factor: 0, label: "asleep" });
    at_s = asleep_s;
  }
  return { profile: { ...ordinary(seed, index, random.between(0.5, 3)), cycle: FLAT }, effects };
}

/** Hardly anybody calls, and several times a day one user repeats a request that fails. */
function oneUser(
  random: Random,
  seed: number,
  index: number,
  from_s: number,
  to_s: number,
): { profile: ServiceProfile; effects: Effect[] } {
  const profile = ordinary(seed, index, 0.2);
  const effects: Effect[] = [];
  const gap_s = 6 * HOUR_S;
  for (let at_s = from_s + random.exponential(gap_s); at_s < to_s; at_s += random.exponential(gap_s)) {
    const endpoint = random.index(profile.endpoints.length);
    // Three to about eight tries, a few seconds apart, on top of the others' requests.
    const length_s = 15 + random.index(26);
    const rate_factor = 1 + 1 / profile.endpoints[endpoint]!.share;
    effects.push({
      from_s: Math.floor(at_s),
      to_s: Math.floor(at_s) + length_s,
      endpoint,
      rate_factor,
      error_share: 0.9,
      label: "user",
    });
  }
  return { profile, effects };
}

/** The job's hour, seconds after midnight. */
export const JOB_S = 6 * HOUR_S;

/** Two to four minutes in which a job asks for what is not there: 20 % of the service's requests, half of them failing. */
export function morningJobs(random: Random, profile: ServiceProfile, from_s: number, to_s: number): Effect[] {
  const endpoint = profile.endpoints.length - 1;
  const rate_factor = 0.2 / profile.endpoints[endpoint]!.share;
  const effects: Effect[] = [];
  const midnight_s = Math.floor(from_s / DAY_S) * DAY_S;
  for (let at_s = midnight_s + JOB_S; at_s < to_s; at_s += DAY_S) {
    const begin_s = at_s + random.index(20);
    if (begin_s < from_s) continue;
    const length_s = 120 + random.index(121);
    effects.push({ from_s: begin_s, to_s: begin_s + length_s, endpoint, rate_factor, error_share: 0.5, label: "job" });
  }
  return effects;
}

function morningJob(
  _random: Random,
  seed: number,
  index: number,
  from_s: number,
  to_s: number,
): { profile: ServiceProfile; effects: Effect[] } {
  const profile = ordinary(seed, index, 10);
  return { profile, effects: morningJobs(randomFor(seed, 5), profile, from_s, to_s) };
}

/** Pauses for a minute and a half to three: 3 s in each 5 s, four times as slow. Bad enough that most would tell of it. */
export function gcStorm(random: Random, from_s: number): Effect {
  const flapping = { on_s: 3, off_s: 2 };
  return { from_s, to_s: from_s + 90 + random.index(91), flapping, latency_factor: 4, label: "gc storm" };
}

/** A storm about once an hour, at least ten minutes apart. */
function gcStorms(
  random: Random,
  seed: number,
  index: number,
  from_s: number,
  to_s: number,
): { profile: ServiceProfile; effects: Effect[] } {
  const effects: Effect[] = [];
  for (let at_s = from_s + HOUR_S; at_s < to_s; at_s += 900 + random.exponential(2700)) {
    effects.push(gcStorm(random, Math.floor(at_s)));
  }
  return { profile: ordinary(seed, index, 100), effects };
}

export const COMPLAINTS: readonly Complaint[] = [
  { name: "long-polls", rate: 10, base_error: BASE_ERROR, draw: longPolls },
  { name: "cold-starts", rate: 1, base_error: BASE_ERROR, draw: coldStarts },
  { name: "one-user", rate: 0.2, base_error: BASE_ERROR, draw: oneUser },
  { name: "morning-job", rate: 10, base_error: BASE_ERROR, known_after_days: 3, draw: morningJob },
  { name: "gc-storms", rate: 100, base_error: BASE_ERROR, known_after_days: 0.25, marks: "none", draw: gcStorms },
  {
    name: "gc-storms-marked",
    rate: 100,
    base_error: BASE_ERROR,
    known_after_days: 0.25,
    marks: "first three",
    draw: gcStorms,
  },
];
