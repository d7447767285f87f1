/** What the slider over the charts says to whoever listens. */

export interface Moment {
  /** What the charts tell of it; null where no moment is asked for. */
  readonly words: string | null;
  /** A span can be chosen and zoomed into. */
  readonly zooms: boolean;
  /** One end of a span is chosen. */
  readonly choosing: boolean;
}

const ASK = "Move with the arrow keys to ask for a moment";

export function momentWords({ words, zooms, choosing }: Moment): string {
  if (words === null) {
    return `The end. ${zooms ? `${ASK}; Enter begins a span and zooms into it, Escape goes back` : ASK}`;
  }
  return choosing ? `${words}. A span is being chosen: Enter zooms into it, Escape does not` : words;
}
