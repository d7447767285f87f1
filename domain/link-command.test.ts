import { expect, test } from "vitest";
import { linkCommand } from "./link-command.ts";

test.each([
  ["http://127.0.0.1:8787", "npm run faultline link"],
  ["http://127.0.0.1:9000", "npm run faultline link -- --url http://127.0.0.1:9000"],
  // A cookie belongs to one host: a link to 127.0.0.1 would not sign in a page at localhost.
  ["http://localhost:8787", "npm run faultline link -- --url http://localhost:8787"],
  ["https://faultline.example.workers.dev", "npm run faultline link -- --url https://faultline.example.workers.dev"],
])("the link to %s is printed by `%s`", (origin, command) => {
  expect(linkCommand(origin)).toBe(command);
});
