/** The command that prints a link to the dashboard: the page and the answers of the Worker name the same one. */

/** Where `npm start` serves unless told otherwise. */
export const DEFAULT_ORIGIN = "http://127.0.0.1:8787";

/** @param origin where Faultline is reached, as in `http://127.0.0.1:9000` */
export function linkCommand(origin: string): string {
  return origin === DEFAULT_ORIGIN ? "npm run faultline link" : `npm run faultline link -- --url ${origin}`;
}
