/** What the keys of the dashboard do, without a browser: a key and what was pressed just before make an action. */

/** What is marked with `data-key` on a page, for the keys to find. */
export type KeyTarget = "search" | "row" | "acknowledge" | "open";

export type KeyAction =
  | { readonly type: "focus"; readonly target: "search" }
  | { readonly type: "press"; readonly target: "acknowledge" | "open" }
  | { readonly type: "move"; readonly by: 1 | -1 }
  | { readonly type: "go"; readonly path: string }
  | { readonly type: "help" };

export interface KeyStep {
  /** `g` was pressed and waits for where to; null else. */
  readonly waiting: "g" | null;
  readonly action: KeyAction | null;
}

const ACTIONS: Readonly<Record<string, KeyAction>> = {
  "/": { type: "focus", target: "search" },
  a: { type: "press", target: "acknowledge" },
  o: { type: "press", target: "open" },
  j: { type: "move", by: 1 },
  k: { type: "move", by: -1 },
  "?": { type: "help" },
};

const PLACES: Readonly<Record<string, string>> = { f: "/", i: "/incidents", p: "/pipeline", s: "/settings" };

/** For the help, in its order. */
export const KEY_WORDS: readonly (readonly [keys: string, words: string])[] = [
  ["/", "find in the list"],
  ["j", "next line"],
  ["k", "line before"],
  ["Enter", "open the line; in a chart begin a span, then zoom into it"],
  ["g f", "go to the fleet"],
  ["g i", "go to the incidents"],
  ["g p", "go to the pipeline"],
  ["g s", "go to the settings"],
  ["o", "open the incident of this service"],
  ["a", "acknowledge the incident"],
  ["← →", "move through a chart that has the focus"],
  ["Esc", "out of a span that is being chosen, and out of a zoom"],
  ["?", "this help"],
];

/** @param key as the browser names it: the sign itself, whatever has to be held for it on this keyboard */
export function pressKey(waiting: KeyStep["waiting"], key: string): KeyStep {
  if (waiting === "g") {
    const path = Object.hasOwn(PLACES, key) ? PLACES[key] : undefined;
    return { waiting: null, action: path === undefined ? null : { type: "go", path } };
  }
  if (key === "g") return { waiting: "g", action: null };
  return { waiting: null, action: (Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined) ?? null };
}

/** The line that `j` or `k` leads to: the first or last where none has the focus, and none beyond the ends. */
export function movedIndex(current: number, by: 1 | -1, count: number): number | null {
  if (count === 0) return null;
  if (current < 0) return by === 1 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, current + by));
}
