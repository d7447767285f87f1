/** The numbers of a finding on errors: of the whole service, or of the endpoint alone whose own test has proven it. */
import type { ErrorTest } from "./error-test.ts";
import type { Finding } from "./finding.ts";
import type { Severity } from "./incident.ts";
import { type NamedSums, sumOf, type Sums } from "./second-ring.ts";

type ErrorNumbers = Pick<
  Finding,
  "metric_value" | "baseline_value" | "threshold_value" | "request_count" | "severity" | "endpoint"
>;

/** An endpoint that fails so much more than normal is out. */
const OUT_EXCESS = 0.5;

/** An endpoint with the test that has proven something of it. */
interface ProvenEndpoint {
  readonly name: string;
  readonly test: ErrorTest;
}

/** `since`: the seconds since the onset; `whole`: the service's own test. */
export function errorNumbers(
  since: readonly (Sums & { readonly endpoints: readonly NamedSums[] })[],
  whole: ErrorTest,
  endpoint: ProvenEndpoint | null,
): ErrorNumbers {
  const all = numbersOf(since, whole);
  const graded = severityOfExcess(all.metric_value - all.baseline_value);
  if (endpoint === null) return { ...all, severity: graded };
  const { name, test } = endpoint;
  const own = numbersOf(
    since.flatMap(({ endpoints }) => endpoints.filter((sums) => sums.name === name)),
    test,
  );
  // Few may call it, but for those who do it is out.
  const isOut = own.metric_value - own.baseline_value >= OUT_EXCESS;
  return { ...own, severity: graded === "medium" && isOut ? "high" : graded, endpoint: name };
}

function numbersOf(
  counted: readonly Sums[],
  { baseline, threshold_value }: ErrorTest,
): Pick<Finding, "metric_value" | "threshold_value" | "request_count"> & { readonly baseline_value: number } {
  const { request_count, error_count } = sumOf(counted);
  const metric_value = request_count === 0 ? 0 : error_count / request_count;
  return { metric_value, baseline_value: baseline.share, threshold_value, request_count };
}

/** By effect: 20 and 5 percentage points above normal. */
function severityOfExcess(excess: number): Severity {
  return excess >= 0.2 ? "critical" : excess >= 0.05 ? "high" : "medium";
}
