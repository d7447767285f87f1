/** The real Chromium. */
import { type Browser, chromium } from "playwright-core";
import { required } from "./real-parts.ts";

/** @param ends_on_signal false where the program ends itself on a signal, and the browser with it */
export function openBrowser(ends_on_signal = true): Promise<Browser> {
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
    handleSIGINT: ends_on_signal,
    handleSIGTERM: ends_on_signal,
    handleSIGHUP: ends_on_signal,
  });
}
