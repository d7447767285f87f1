/** The real Chromium. */
import { type Browser, chromium } from "playwright-core";
import { required } from "./real-parts.ts";

export function openBrowser(): Promise<Browser> {
  const quiet = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  return chromium.launch({
    executablePath: required("CHROMIUM_PATH"),
    headless: true,
    args: ["--no-sandbox", ...quiet],
  });
}
