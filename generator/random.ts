/**
 * Seeded randomness: xoshiro128** of Blackman and Vigna (https://prng.di.unimi.it/xoshiro128starstar.c, public domain),
 * 32-bit words because those are what JavaScript multiplies exactly and fast. Not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Takes the four words of state; not all of them may be 0. */
  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  /** The next 32 random bits, 0 to 4,294,967,295. */
  bits(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled >>> 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.bits() / 4_294_967_296;
  }

  /** Uniform in [min, max). */
  between(min: number, max: number): number {
    return min + (max - min) * this.unit();
  }

  /** Uniform among 0 to `count` - 1. */
  index(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** Exponential with the given mean: the time until the next event of a Poisson process. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /** Standard normal, by Box and Muller (1958); its twin is thrown away so that a draw costs a fixed number of bits. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }
}

/**
 * A generator that depends on all of `keys` (whole numbers, negative ones too) and on nothing else, so that any part of a
 * stream can be made without making what came before it.
 */
export function randomFor(...keys: readonly number[]): Random {
  let hash = 0x9e3779b9;
  for (const key of keys) {
    hash = mix(hash ^ (key | 0));
    hash = mix(hash ^ Math.floor(key / 4_294_967_296));
  }
  // SplitMix's golden-ratio steps fill the state from one word, as the authors of xoshiro advise.
  const word = (step: number) => mix(hash + Math.imul(0x9e3779b9, step));
  return new Random(word(1), word(2), word(3), word(4) | 1);
}

/** FNV-1a of a name's UTF-16 units, for use as a key. */
export function keyOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3 (Appleby): each bit of the input moves about half of the output's. */
function mix(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
