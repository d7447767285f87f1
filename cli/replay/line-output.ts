/** Lines to a stream that may be slower than what writes them: they gather until `flush`, which waits for the stream. */

export class LineOutput {
  readonly #stream: NodeJS.WriteStream;
  #lines: string[] = [];
  #error: Error | null = null;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    // A write that fails says so in its callback too; without a listener the error would end the process.
    stream.on("error", (error) => {
      this.#error ??= error;
    });
  }

  /** The reader has gone, as `head` does: nothing more has to be written. */
  get isClosed(): boolean {
    return this.#error !== null && "code" in this.#error && this.#error.code === "EPIPE";
  }

  /** Something waits for `flush`. */
  get isPending(): boolean {
    return this.#lines.length > 0;
  }

  write(line: string): void {
    this.#lines.push(line);
  }

  /** Throws what writing threw, unless it is that the reader has gone. */
  async flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0 && this.#error === null) await this.#write(`${lines.join("\n")}\n`);
    if (this.#error !== null && !this.isClosed) throw this.#error;
  }

  async #write(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#stream.write(text, (error) => {
        this.#error ??= error ?? null;
        resolve();
      });
    });
  }
}
