/** A table of text: a row a line, each column as wide as its widest cell, two spaces between. */

/** The headers come first. Each row has a cell for each header. */
export function tableLines(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [headers, ...rows];
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
