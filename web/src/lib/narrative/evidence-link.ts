/** What ties a sentence to the charts that prove it: the number of a fact stands at both, and each leads to the other. */
import { getContext, hasContext, setContext } from "svelte";

export interface EvidenceLink {
  /** Somebody reads a sentence that rests on this fact. */
  readonly isRead: (number: number) => boolean;
  /** Leads to the first sentence that rests on it. */
  readonly show: (number: number) => void;
}

const KEY = Symbol("evidence");

/** For the page that has both. */
export function tieEvidence(link: EvidenceLink): void {
  setContext(KEY, link);
}

/** Null on a page that has charts alone. */
export function evidenceLink(): EvidenceLink | null {
  return hasContext(KEY) ? getContext<EvidenceLink>(KEY) : null;
}
