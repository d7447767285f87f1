/** The headers that say which messages of which partition a batch holds (DESIGN.md section 4). */
import * as v from "valibot";
import type { BatchPosition } from "../domain/positions.ts";

const name = (header: string): v.GenericSchema<unknown, string> =>
  v.pipe(
    v.string(`${header}: missing`),
    v.regex(/^[\x20-\x7e]{1,249}$/, `${header}: 1 to 249 printable ASCII characters`),
  );

const whole = (header: string): v.GenericSchema<unknown, number> =>
  v.pipe(
    v.string(`${header}: missing`),
    v.regex(/^(-1|\d{1,15})$/, `${header}: a whole number of at least 0, or -1`),
    v.transform(Number),
  );

const schema = v.object({
  "Faultline-Source": name("Faultline-Source"),
  "Faultline-Topic": name("Faultline-Topic"),
  "Faultline-Partition": whole("Faultline-Partition"),
  "Faultline-First-Offset": whole("Faultline-First-Offset"),
  "Faultline-Last-Offset": whole("Faultline-Last-Offset"),
});

const HEADERS = Object.keys(schema.entries);

/** Null for a plain batch, which has none of the headers; a sentence that names the header where one is missing or wrong. */
export function batchPosition(headers: Headers): BatchPosition | null | { readonly wrong: string } {
  if (HEADERS.every((header) => headers.get(header) === null)) return null;
  const found = Object.fromEntries(HEADERS.map((header) => [header, headers.get(header) ?? undefined]));
  const parsed = v.safeParse(schema, found);
  if (!parsed.success)
    return { wrong: `${parsed.issues[0].message}. A batch of a partition carries all of ${HEADERS.join(", ")}.` };
  const { output } = parsed;
  const [first_offset, last_offset] = [output["Faultline-First-Offset"], output["Faultline-Last-Offset"]];
  const partition = output["Faultline-Partition"];
  if ((first_offset === -1) !== (last_offset === -1) || first_offset > last_offset) {
    return { wrong: "Faultline-First-Offset: at most Faultline-Last-Offset, and -1 only where both are." };
  }
  if (partition === -1 && first_offset !== -1) return { wrong: "Faultline-Partition: a whole number of at least 0." };
  return { source: output["Faultline-Source"], topic: output["Faultline-Topic"], partition, first_offset, last_offset };
}
