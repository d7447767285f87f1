/** The line that sends the first event: it works as it stands where Faultline was started or deployed from, as in the README. */

export interface FirstUse {
  /** Where the token stands, beside the README. */
  readonly file: ".dev.vars" | ".dev.vars.deployed";
  readonly line: string;
}

/** @param origin of the page: a deployment is reached by https, a laptop by http */
export function firstUse(origin: string): FirstUse {
  const file = origin.startsWith("https:") ? ".dev.vars.deployed" : ".dev.vars";
  const line = [
    `curl -s ${origin}/v1/ingest`,
    `-H "Authorization: Bearer $(sed -n 's/^INGEST_TOKEN=//p' ${file})"`,
    `-H "Content-Type: application/json"`,
    `-d '[{"service":"hello","endpoint":"/world","latency_ms":12,"status_code":200}]'`,
  ].join(" \\\n  ");
  return { file, line };
}
