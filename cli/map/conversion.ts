/**
 * How a value of a message becomes a field of an event. Each conversion is said twice, in TypeScript for the trial and in
 * Bloblang for the bridge; tests/map.test.ts holds the two against each other with the real Redpanda Connect.
 */

export interface Conversion {
  /** For people, such as "seconds since 1970". */
  readonly says: string;
  /** Null where the value cannot be converted: the event then lacks the field, and its rule says so. */
  readonly apply: (value: unknown) => unknown;
  /** The Bloblang expression for the expression of a value. */
  readonly bloblang: (value: string) => string;
  /** Maps that the expression uses. */
  readonly helpers: readonly Helper[];
}

/** Named maps of Bloblang that a mapping brings along where it needs them. */
export const HELPERS = {
  number_of: `# A number, also where it is written as text.
map number_of {
  root = if this.type() == "number" {
    this
  } else if this.type() == "string" && this.re_match("^-?[0-9]{1,20}(\\\\.[0-9]{1,20})?$") {
    this.number()
  } else {
    null
  }
}`,
  time_of_ms: `# RFC 3339 of milliseconds since 1970.
map time_of_ms {
  let ms = this.round()
  root = if $ms < 0 || $ms > 253402300799999 {
    null
  } else {
    "%s.%03dZ".format(($ms / 1000).floor().ts_format("2006-01-02T15:04:05", "UTC"), $ms % 1000)
  }
}`,
  ms_of_text: `# Milliseconds of a duration with its unit, such as 12.5ms.
map ms_of_text {
  let parts = this.re_find_object("^(?P<number>[0-9]{1,20}(\\\\.[0-9]{1,20})?) ?(?P<unit>ns|us|µs|ms|s|m)$")
  let factors = {"ns": 0.000001, "us": 0.001, "µs": 0.001, "ms": 1, "s": 1000, "m": 60000}
  root = $parts.number.number() * $factors.get($parts.unit)
}`,
} as const;
export type Helper = keyof typeof HELPERS;

export const AS_IS: Conversion = {
  says: "as it is",
  apply: (value) => value ?? null,
  bloblang: (value) => value,
  helpers: [],
};

const NUMBER_TEXT = /^-?[0-9]{1,20}(\.[0-9]{1,20})?$/;

/** As the helper `number_of`. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && NUMBER_TEXT.test(value) ? Number(value) : null;
}

export const AS_NUMBER: Conversion = {
  says: "a number, written as text",
  apply: numberOf,
  bloblang: (value) => `${value}.apply("number_of")`,
  helpers: ["number_of"],
};

/** Makes a name of the form that services have. Only ASCII remains, so that both languages agree on what lower case is. */
export const AS_NAME: Conversion = {
  says: "in lower case, with - for what a name may not hold",
  apply: (value) =>
    typeof value === "string"
      ? value
          .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
          .replace(/^[^A-Za-z0-9]+/, "")
          .toLowerCase()
          .slice(0, 63)
      : null,
  bloblang: (value) =>
    `${value}.re_replace_all("[^A-Za-z0-9._-]+", "-").re_replace_all("^[^A-Za-z0-9]+", "").lowercase().slice(0, 63).catch(null)`,
  helpers: [],
};

/** The path of a request line (`GET /cart HTTP/1.1`), of a URL, or of what is a path already. */
export const AS_REQUEST_PATH: Conversion = {
  says: "the path of a request line or URL",
  apply: (value) => {
    if (typeof value !== "string") return null;
    const path = value
      .replace(/^[A-Z]+ +/, "")
      .replace(/ +HTTP\/[0-9.]+$/, "")
      .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/, "");
    return path === "" ? "/" : path;
  },
  bloblang: (value) =>
    `${value}.re_replace_all("^[A-Z]+ +", "").re_replace_all(" +HTTP/[0-9.]+$", "").re_replace_all("^[a-z][a-z0-9+.-]*://[^/?#]*", "").re_replace_all("^$", "/").catch(null)`,
  helpers: [],
};

/** The same for all messages. */
export function constant(text: string): Conversion {
  return {
    says: `always ${JSON.stringify(text)}`,
    apply: () => text,
    bloblang: () => JSON.stringify(text),
    helpers: [],
  };
}
