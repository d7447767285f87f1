import { expect, test } from "vitest";
import { readPasted } from "./pasted-address.ts";

test.each([
  ["https://hooks.slack.com/services/T0/B0/x", "slack"],
  ["https://discord.com/api/webhooks/1/abc", "discord"],
  ["https://acme.webhook.office.com/webhookb2/x", "teams"],
  ["https://prod-1.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke", "teams"],
  ["https://api.telegram.org/bot1:A/sendMessage", "telegram"],
  ["https://events.pagerduty.com/v2/enqueue", "pagerduty"],
  ["https://api.eu.opsgenie.com", "opsgenie"],
  ["https://ntfy.sh/outages", "ntfy"],
  ["https://chat.example.org/hooks/abcdefghijklmnopqrstuvwxyz", "mattermost"],
  ["http://localhost:9093/#/alerts", "alertmanager"],
  ["https://example.org/hook", "webhook"],
  // A name that only looks like another's.
  ["https://hooks.slack.com.example.org/services/x", "webhook"],
  ["https://notdiscord.com/api/webhooks/1/abc", "webhook"],
])("%s is of %s", (address, form) => {
  expect(readPasted(address)?.form).toBe(form);
});

test("what an address says is in its place", () => {
  expect(readPasted(" https://ntfy.sh/outages ")).toMatchObject({
    url: "https://ntfy.sh/",
    topic: "outages",
    name: "outages",
  });
  expect(readPasted("https://api.telegram.org/bot1:A/getUpdates?chat_id=-100")).toMatchObject({
    url: "https://api.telegram.org/bot1:A/sendMessage",
    chat_id: "-100",
  });
  expect(readPasted("http://localhost:9093/#/alerts")?.url).toBe("http://localhost:9093");
  expect(readPasted("https://am.example.org/api/v2/alerts")?.url).toBe("https://am.example.org");
  expect(readPasted("https://am.example.org:9093/")?.url).toBe("https://am.example.org:9093");
  expect(readPasted("https://api.opsgenie.com/")?.url).toBe("https://api.opsgenie.com/v2/alerts");
  expect(readPasted("0123456789abcdef0123456789abcdef")).toMatchObject({
    form: "pagerduty",
    routing_key: "0123456789abcdef0123456789abcdef",
  });
  expect(readPasted("https://example.org/hook")?.name).toBe("example.org");
});

test("what is no address yet says nothing", () => {
  for (const text of ["", "https://", "hooks.slack.com/services", "ftp://example.org", "0123"])
    expect(readPasted(text)).toBeNull();
});
