/**
 * Which versions of a service were deployed lately, from the versions that its events name. A version counts from its first
 * event on, so that a rolling deploy, in which old and new events alternate, is one deploy. A return to a version that is still
 * in the table is none: events cannot tell it from the end of such a deploy.
 */

/** Versions remembered: those that began last. */
const VERSIONS_MAX = 8;
/** How long (s) after a deploy something may still come from it. */
const DEPLOY_EFFECT_S = 600;

/** A version and the event time, s since the epoch, of its first event. */
export interface SeenVersion {
  readonly version: string;
  readonly first_second: number;
}

/** At most 8, by their first second. Immutable. */
export type VersionTable = readonly SeenVersion[];

export interface Deploy {
  readonly from: string;
  readonly to: string;
  /** Event time of the first event of `to`, s since the epoch. */
  readonly second: number;
}

/**
 * The table after an event of `version` in `second`; the same table where that says nothing new. In whatever order events
 * come, the earliest one of a version counts. A version older than all in a full table stays forgotten.
 */
export function seen(table: VersionTable, version: string, second: number): VersionTable {
  const known = table.find((entry) => entry.version === version);
  if (known !== undefined && known.first_second <= second) return table;
  const others = table.filter((entry) => entry !== known);
  const next = [...others, { version, first_second: second }].sort(byFirstSecond).slice(-VERSIONS_MAX);
  return next.some((entry) => entry.version === version) ? next : table;
}

/** The text decides between versions of one second, so that the table does not depend on the order of arrival. */
function byFirstSecond(a: SeenVersion, b: SeenVersion): number {
  return a.first_second - b.first_second || (a.version < b.version ? -1 : 1);
}

/**
 * The newest change of version in the 10 min up to and with `second`; null where there was none, or only one version was
 * ever seen. Null also where all eight places changed hands within them: whoever names a new version that often names no
 * deploys (a request's id, more versions at once than the table holds).
 */
export function deployBefore(table: VersionTable, second: number): Deploy | null {
  const began = table.filter((entry) => entry.first_second <= second);
  const to = began.at(-1);
  if (to === undefined || to.first_second < second - DEPLOY_EFFECT_S) return null;
  // Of versions that began together none replaced another: where a service is first seen, several may be running.
  const from = began.findLast((entry) => entry.first_second < to.first_second);
  if (from === undefined) return null;
  const isChurning = began.length === VERSIONS_MAX && began[0]!.first_second >= second - DEPLOY_EFFECT_S;
  return isChurning ? null : { from: from.version, to: to.version, second: to.first_second };
}
