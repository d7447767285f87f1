import { expect, test } from "vitest";
import { anIncident } from "../testing/incident.ts";
import { csvCell, incidentsCsv, incidentsJson } from "./incident-export.ts";

test("CSV has a line for each, with the columns of the table as its head", () => {
  const [head, first, ...rest] = incidentsCsv([{ ...anIncident({}), cause: null }]).split("\r\n");
  expect(head).toMatch(/^id,service,status,severity,metric_name,/);
  expect(first?.split(",")).toHaveLength(head!.split(",").length);
  expect(first).toMatch(
    /^checkout-1795514652-error_rate,checkout,open,critical,error_rate,error_rate,\/cart\/pay,0\.92,/,
  );
  expect(rest).toEqual([""]);
});

test("a cause stands at the end of its line, its text as safe as any other", () => {
  const cause = { cause: "release", certainty: "LIKELY", text: "=Version 24.3, perhaps", names: [] } as const;
  const [head, line] = incidentsCsv([{ ...anIncident({}), cause }]).split("\r\n");
  expect(head).toMatch(/,cause_certainty,cause_text$/);
  expect(line).toMatch(/,LIKELY,"'=Version 24\.3, perhaps"$/);
});

test("a cell with commas, quotes or line breaks is quoted; nothing stays empty", () => {
  expect(csvCell('/x","summary')).toBe('"/x"",""summary"');
  expect(csvCell("a\nb")).toBe('"a\nb"');
  expect([csvCell(null), csvCell(0), csvCell(false)]).toEqual(["", "0", "false"]);
});

test("an endpoint that would be a formula in a spreadsheet is text there; a negative number stays one", () => {
  for (const name of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]) expect(csvCell(name)).toMatch(/^"?'/);
  expect(csvCell('=HYPERLINK("http://x","y")')).toBe(`"'=HYPERLINK(""http://x"",""y"")"`);
  expect(csvCell(-1.5)).toBe("-1.5");
});

test("JSON is what the HTTP reads give", () => {
  const incident = { ...anIncident({}), cause: null };
  expect(JSON.parse(incidentsJson([incident]))).toEqual({ items: [incident] });
});
