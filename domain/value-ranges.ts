/** Where the bytes of each accepted event stand in the body, for those that are refused later. */
export class ValueRanges {
  private readonly lines: Uint32Array;
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;
  private length = 0;

  constructor(capacity: number) {
    this.lines = new Uint32Array(capacity);
    this.starts = new Uint32Array(capacity);
    this.ends = new Uint32Array(capacity);
  }

  append(line: number, start: number, end: number): void {
    const i = this.length;
    this.lines[i] = line;
    this.starts[i] = start;
    this.ends[i] = end;
    this.length = i + 1;
  }

  at(i: number): { readonly line: number; readonly start: number; readonly end: number } {
    if (!(i >= 0 && i < this.length)) {
      throw new RangeError(`no accepted event ${i} in a batch of ${this.length}`);
    }
    return { line: this.lines[i]!, start: this.starts[i]!, end: this.ends[i]! };
  }
}
