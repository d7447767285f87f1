/** Where the real parts are. */
export type RealPart =
  | "KAFKA_BROKERS"
  | "CONNECT_BIN"
  | "CHROMIUM_PATH"
  | "POSTGRES_BIN"
  | "OLLAMA_URL"
  | "ALERTMANAGER_BIN";

export function required(part: RealPart): string {
  const value = process.env[part];
  if (value === undefined || value === "") throw new Error(`${part} is not set: npm run test:e2e says how to get it`);
  return value;
}
