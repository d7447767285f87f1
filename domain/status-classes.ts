/** Answers by class of status code, 1xx to 5xx. */

export const CLASS_COUNT = 5;

/** Counts of 1xx to 5xx. */
export type StatusClasses = readonly number[];

/** Nothing is known of the answers, or there are none. */
export const NO_CLASSES: StatusClasses = [0, 0, 0, 0, 0];

export function addClasses(a: StatusClasses, b: StatusClasses): StatusClasses {
  if (a === NO_CLASSES) return b;
  return b === NO_CLASSES ? a : a.map((own, i) => own + b[i]!);
}

/** 0 for 1xx, 4 for 5xx. `status_code`: 100 to 599. */
export function classOf(status_code: number): number {
  return Math.floor(status_code / 100) - 1;
}
