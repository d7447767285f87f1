/**
 * What a sentence may not claim, whatever its numbers: more certainty than the rules gave, a cause that they did not offer, an end that
 * has not come, or what belongs in no narrative: words about its own writing, or that send the reader elsewhere.
 */
import type { Evidence } from "./evidence.ts";
import type { CauseId, Certainty } from "./narrative.ts";

const CERTAIN =
  /(?<!\b(?:not|never|nothing|neither|cannot|hardly|to be|n['’]t)(?: \w+){0,2} )\b(?:confirm(?:s|ed)|certain(?:ly)?|definite(?:ly)?|undoubted(?:ly)?|without (?:a )?doubt|no doubt|prove[sdn]?|proof|guaranteed?|surely|clearly|no question|undeniabl[ey]|obvious(?:ly)?|evident(?:ly)?|unquestionabl[ey]|root cause is)\b/gi;

/** What a cause that is not CONFIRMED has to have: that it may be so. `cannot` and what is merely possible for a machine are none. */
const OPEN_TO_DOUBT =
  /\b(?:may|maybe|might|could|would|perhaps|possibl[ey]|possibility|probabl[ey]|potential(?:ly)?|presumabl[ey]|(?:un)?likely|suspect(?:s|ed)?|suspicion|suggest(?:s|ing|ed)?|hint(?:s|ing)?|indicat(?:es?|ing)|appears?|seems?|point(?:s|ing)? (?:to|at|towards?)|consistent with|correlat\w+|coincid\w+|candidates?|hypothes[ie]s|inconclusive|uncertain|unclear|unknown|whether|(?:not|n['’]t|nothing) (?:\w+ )?(?:proves?|proven|confirm(?:s|ed)?|tell|known|clear|certain))\b/i;

/** Causes have a part of their own, with their certainty. */
const BECAUSE =
  /\b(?:because|due to|caused by|owing to|as a result of|thanks to|root cause|stems? from|attributable|triggered by|blame)\b/gi;

const ENDED =
  /\b(?:recovered|resolved|(?:is|are|has|have|was) (?:over|ended|healthy)|back to normal|false (?:alarm|positive)|under control|(?:succeeds?|works?|normal|healthy) again|(?:errors?|failures?|problems?|slowness|latency|error rates?|p95)(?: \w+){0,2} (?:stopped|ceased|subsided|vanished|dropped|fell|decreased|declined|improved|went down))\b/gi;

/** Of an incident that is over. */
const LASTS = /\b(?:still (?:fail\w*|slow|down|go\w*|last\w*|open)|ongoing|continues? to|so far)\b/gi;

/** What turns a right number around. */
const DENIED =
  /\b(?:(?:do|does|did|is|are|was|were|has|have|had)(?: not|n['’]t)|never)(?: been)? (?:fail(?:ed|ing)?|carry|carried|carrying|account(?:ing)? for)\b/gi;

const NOTHING_TO_DO =
  /\b(?:all (?:is |looks )?(?:fine|well|good|clear|ok|okay|healthy|normal|quiet)|(?:no|without) (?:actions?|intervention|incident)\b|nothing (?:to do|is wrong|wrong|happened)|ignor(?:e|ed|ing)|disregard|do nothing|no need|need not|go back to sleep|harmless|negligible|trivial|stand down|no (?:cause|reason) (?:for|to) \w+|(?:can|may) (?:safely )?(?:wait|be left)|(?:is|are|looks?) fine|(?:this|it|which) is (?:to be )?expected|is (?:only |just )?an? (?:minor|small|test|drill)|(?:silence|mute|close|disable|(?:turn|switch) off) (?:the |this |all |its |any )?(?:alerts?|alerting|alarms?|page|paging|incident|monitoring))\b/gi;

const OUT_OF_PLACE =
  /\b(?:prompts?|instructions?|language model|assistant|chatbot|as an ai|system message|jailbreak|passwords?|secrets?|credentials?|click|visit|download|install|curl|wget|sudo)\b/gi;

/** Words that speak of a cause, and the causes that may be spoken of with them. What to look at may be more than what may be the cause. */
const CAUSE_WORDS: readonly {
  readonly words: RegExp;
  readonly causes: readonly CauseId[];
  /** Words of a fault, which are never seen from sums of requests: a summary has none of them. */
  readonly isFault?: boolean;
  readonly inActions: boolean;
}[] = [
  {
    words: /\b(?:deploy\w*|release[sd]?|roll(?:ed|ing)?[ -]?back|rollback|revert\w*|new version)\b/gi,
    causes: ["release"],
    inActions: true,
  },
  {
    words: /\b(?:saturat\w+|overload\w*|capacity|scal(?:e|ing) (?:up|out)|more load)\b/gi,
    causes: ["saturation"],
    inActions: false,
  },
  {
    words: /\b(?:database|cache|network|dns|connection pool|dependency|dependencies)\b/gi,
    causes: [
      "endpoint_dependency",
      "shared_dependency",
      "other_service",
      "saturation",
      "process_or_routing",
      "release",
    ],
    isFault: true,
    inActions: false,
  },
  {
    words: /\b(?:crash\w*|out of memory|memory|cpu|disk|restart\w*)\b/gi,
    causes: ["process_or_routing", "saturation", "shared_dependency", "release"],
    isFault: true,
    inActions: false,
  },
  { words: /\b(?:cron|scheduled|batch job|backup)\b/gi, causes: ["scheduled_work"], inActions: false },
  {
    words:
      /\b(?:attack\w*|breach\w*|hack\w*|malicious|ddos|intru\w+|exploit\w*|malware|sabotage|human error|certificate|hardware|power outage)\b/gi,
    causes: [],
    inActions: true,
  },
];

export interface Claimed {
  /** Which part of the story it is. */
  readonly part: "summary" | "cause" | "action";
  /** Of a cause. */
  readonly certainty: Certainty | null;
  readonly offered: readonly CauseId[];
}

/** @param text prose without names @returns violations */
export function overclaims(text: string, evidence: Evidence, { part, certainty, offered }: Claimed): readonly string[] {
  const violations: string[] = [];
  const forbid = (pattern: RegExp, why: string) => {
    for (const [word] of text.matchAll(pattern)) violations.push(`"${word}" ${why}`);
  };
  if (certainty !== "CONFIRMED") {
    forbid(
      part === "action" ? /\b(?:certainly|definitely|undoubtedly)\b/gi : CERTAIN,
      "says more than is known: say that it may be",
    );
  }
  if (part === "cause" && certainty !== "CONFIRMED" && !OPEN_TO_DOUBT.test(text))
    violations.push("says it as if it were known: say that it may be so");
  if (part === "summary") forbid(BECAUSE, "tells a cause: those belong into possible_causes");
  if (part !== "action" && evidence.subject.status === "open") forbid(ENDED, "says that it ended: it is open");
  if (part === "summary" && evidence.subject.status === "resolved") forbid(LASTS, "says that it lasts: it is over");
  if (part === "summary" && evidence.facts.some(({ kind }) => kind === "errors"))
    forbid(DENIED, "turns around what the facts say");
  if (evidence.subject.status === "open") forbid(NOTHING_TO_DO, "plays down an open incident");
  forbid(OUT_OF_PLACE, "has no place in a narrative of an incident");
  for (const { words, causes, isFault, inActions } of CAUSE_WORDS) {
    if (part === "action" && !inActions) continue;
    const isOffered = !(part === "summary" && isFault === true) && causes.some((cause) => offered.includes(cause));
    if (isOffered || isInFacts(words, evidence)) continue;
    forbid(
      words,
      part === "summary" && isFault === true
        ? "speaks of a cause: those belong into possible_causes"
        : "speaks of a cause that is not in the offered list",
    );
  }
  return violations;
}

/** What the facts themselves speak of may be repeated. */
function isInFacts(pattern: RegExp, { facts }: Evidence): boolean {
  return facts.some(({ text }) => text.search(pattern) !== -1);
}
