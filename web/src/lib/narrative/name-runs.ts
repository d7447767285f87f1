/** Finds the names in a sentence, so that they can be set as names. They are text of events: data, never markup. */

export interface TextRun {
  readonly text: string;
  readonly isName: boolean;
}

/** A name ends where a word does: `pay` is none in `payments`, `/cart` none in `/cart/pay`. */
const WORD = /[\p{L}\p{N}_/-]/u;

/** The sentence in runs; of names that begin at the same place the longest counts. Joined, the runs are the sentence again. */
export function nameRuns(text: string, names: Iterable<string>): TextRun[] {
  const longest = [...new Set(names)].filter((name) => name !== "").toSorted((a, b) => b.length - a.length);
  const runs: TextRun[] = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain !== "") runs.push({ text: plain, isName: false });
    plain = "";
  };
  while (at < text.length) {
    const name = longest.find((candidate) => text.startsWith(candidate, at) && isWhole(text, at, candidate.length));
    if (name === undefined) {
      plain += text[at];
      at += 1;
      continue;
    }
    flush();
    runs.push({ text: name, isName: true });
    at += name.length;
  }
  flush();
  return runs;
}

function isWhole(text: string, at: number, length: number): boolean {
  const [before, after] = [text[at - 1] ?? "", text[at + length] ?? ""];
  return !WORD.test(before) && !WORD.test(after);
}
