/** Asking on a terminal before something is changed. */
import { createInterface } from "node:readline";

/** True for y or yes; anything else, the end of the input and Ctrl-C are a no. */
export function isAgreed(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<boolean> {
  const asking = createInterface({ input, output });
  return new Promise((resolve) => {
    asking.once("close", () => resolve(false));
    asking.question("Change this? [y/N] ", (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()));
      asking.close();
    });
  });
}
