/**
 * What a failed and a successful request say for "this share fails" against "as much as normally fails".
 *
 * Scores are log-likelihood ratios of two shares, normal and worse. The worse one is chosen so that the evidence turns from
 * against a fault to for it at a share that is given: what fails less than that, however long and however often it was called,
 * never becomes a fault of that size. Tables, since a service asks for dozens of scores a second.
 */

/** Scores in nats; `miss` is negative. */
export interface ErrorScore {
  readonly hit: number;
  readonly miss: number;
}

/** Normal shares for which scores are known: each 4 % above the one before. */
const SHARE_MIN = 0.001;
const SHARE_MAX = 0.9;
const STEP = Math.log(1.04);
const STEPS = Math.ceil(Math.log(SHARE_MAX / SHARE_MIN) / STEP);
const WORSE_MAX = 0.995;
/** The scores of one size of fault: evidence turns at `turn` (0 to 1) above the normal share. */
export class ErrorScores {
  readonly #scores: readonly ErrorScore[];

  constructor(turn: number, usual_part: number) {
    this.#scores = Array.from({ length: STEPS + 1 }, (_, step) =>
      scoreOf(Math.min(SHARE_MAX, SHARE_MIN * Math.exp(step * STEP)), turn, usual_part),
    );
  }

  /** `normal`: the guarded normal share, 0 to 1; rounded up. */
  of(normal: number): ErrorScore {
    const step = Math.ceil(Math.log(Math.max(normal, SHARE_MIN) / SHARE_MIN) / STEP);
    return this.#scores[Math.min(step, STEPS)]!;
  }
}

function scoreOf(normal: number, turn: number, usual_part: number): ErrorScore {
  const turning = Math.min(WORSE_MAX - 0.002, normal + turn);
  // At the turning point the ratio's expectation, which falls as the worse share rises beyond it, is 0.
  let [low, high] = [turning, WORSE_MAX];
  for (let n = 0; n < 60; n += 1) {
    const worse = (low + high) / 2;
    if (expected(turning, scores(normal, worse)) > 0) low = worse;
    else high = worse;
  }
  const raw = scores(normal, low);
  const usual = normal * usual_part;
  let [scale, scale_max] = [1, 3];
  for (let n = 0; n < 60; n += 1) {
    const middle = (scale + scale_max) / 2;
    const growth = usual * Math.exp(middle * raw.hit) + (1 - usual) * Math.exp(middle * raw.miss);
    if (growth <= 1) scale = middle;
    else scale_max = middle;
  }
  return { hit: raw.hit * scale, miss: raw.miss * scale };
}

function scores(normal: number, worse: number): ErrorScore {
  return { hit: Math.log(worse / normal), miss: Math.log((1 - worse) / (1 - normal)) };
}

function expected(share: number, { hit, miss }: ErrorScore): number {
  return share * hit + (1 - share) * miss;
}
