/** Asking again and again, at once at first; a page that nobody sees costs no call. */

/** Asks each `every_ms` until the returned function is called. @param ask never rejects */
export function askWhileSeen(ask: () => Promise<void>, every_ms: number): () => void {
  const asking = setInterval(() => {
    if (document.visibilityState === "visible") void ask();
  }, every_ms);
  void ask();
  return () => clearInterval(asking);
}
