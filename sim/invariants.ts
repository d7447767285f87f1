/** What must hold whatever happens (DESIGN.md section 5), by name; a run ends at the first that does not. */

export const INVARIANTS = {
  exactly_once: "each event that was not rejected is counted once by its service, and none is dropped",
  windows_equal_recomputation:
    "counts, errors, latency sums and sketches of each second, minute and hour equal a plain recomputation",
  high_never_moves_back: "what a service remembers of a partition, and its watermark, only go forward",
  rejected_named_again: "an offset gets the same verdict at each delivery, and what breaks a rule always its reason",
  ingest_goes_on: "a batch of known services is taken while D1, the Fleet and the Narrator are down",
  memory_equals_storage: "an object that loses its memory at any moment sees what it saw before",
  alarm_rearmed: "an alarm's handler that ended leaves an alarm set while anything is left to do",
  outbox_drains_in_order: "each target hears of each subject in order, without a gap, and of everything in the end",
  revision_grows: "in history a revision names one content, and is replaced by greater ones alone",
  live_without_gaps: "a socket hears each durable event once and in order, also over reconnects",
  same_incidents_in_order: "within the disorder bound incidents are those of the plain stream, to the number",
  narrative_follows:
    "a change that is due words has them at once, each change of words is one event with a revision of its own",
  narratives_agree: "in the end history and the object have the words of each version that were told last",
  words_come: "in the end no incident waits for the Narrator's words",
  settings_arrive: "in the end each service judges by the newest settings",
  fleet_agrees: "in the end the Fleet shows each service's open incident as the service has it",
  registry_bounded: "there are never more services than the settings allow",
  nothing_throws: "no part fails but by the faults that were injected, and what never rejects does not",
} as const;

export type InvariantName = keyof typeof INVARIANTS;

/** An invariant that did not hold. */
export class Broken extends Error {
  override readonly name = "Broken";
  readonly invariant: InvariantName;
  readonly expected: unknown;
  readonly found: unknown;

  /** `where`: the object, partition or row that it was seen at. */
  constructor(invariant: InvariantName, where: string, expected: unknown, found: unknown) {
    super(`${invariant} at ${where}`);
    this.invariant = invariant;
    this.expected = expected;
    this.found = found;
  }
}

/** Keeps the first violation: those that follow are its consequences. */
export class Invariants {
  broken: Broken | null = null;

  /** Compares plain values; an object's members in their order. */
  equal(invariant: InvariantName, where: string, expected: unknown, found: unknown): void {
    if (expected === found) return;
    const [wanted, got] = [JSON.stringify(expected), JSON.stringify(found)];
    if (wanted !== got) this.fail(invariant, where, expected, found);
  }

  holds(invariant: InvariantName, where: string, held: boolean, expected: unknown, found: unknown): void {
    if (!held) this.fail(invariant, where, expected, found);
  }

  fail(invariant: InvariantName, where: string, expected: unknown, found: unknown): void {
    this.broken ??= new Broken(invariant, where, expected, found);
  }
}
