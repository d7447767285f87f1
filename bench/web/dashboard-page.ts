/** A dashboard in the real Chromium, signed in, with what its developer tools know of it. */
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { TOKENS } from "../../tests/e2e/faultline-server.ts";
import { cookieName, sessionCookie } from "../../worker/session.ts";

const SESSION_MS = 3_600_000;

/** Counts the messages that the page took from its sockets; the page's own handlers run in the same moment. */
const COUNT_MESSAGES = `
  globalThis.messagesTaken = 0;
  globalThis.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", () => { globalThis.messagesTaken += 1; });
    }
  };
`;

/** A context of its own, with nothing in its cache and the session's cookie. */
export async function signedIn(browser: Browser, url: string, height: number): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height }, colorScheme: "light" });
  const value = await sessionCookie({ role: "admin", expires_at: Date.now() + SESSION_MS }, TOKENS.ADMIN_TOKEN);
  await context.addCookies([{ name: cookieName(new URL(url)), value, url }]);
  return context;
}

/** Main-thread time since the page began, ms, and what it holds. */
export interface PageCost {
  readonly script_ms: number;
  /** Style and layout. */
  readonly layout_ms: number;
  /** Everything, painting and collecting garbage too. */
  readonly task_ms: number;
  readonly nodes: number;
  readonly listeners: number;
  readonly heap_bytes: number;
}

export class DashboardPage {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #tools: CDPSession;

  private constructor(context: BrowserContext, page: Page, tools: CDPSession) {
    this.#context = context;
    this.page = page;
    this.#tools = tools;
  }

  /** Opens the fleet page and waits for its first row. */
  static async open(browser: Browser, url: string, height: number): Promise<DashboardPage> {
    const context = await signedIn(browser, url, height);
    const page = await context.newPage();
    await page.addInitScript(COUNT_MESSAGES);
    const tools = await context.newCDPSession(page);
    await tools.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.goto(url);
    await page.locator('[data-key="row"]').first().waitFor({ timeout: 30_000 });
    return new DashboardPage(context, page, tools);
  }

  close(): Promise<void> {
    return this.#context.close();
  }

  async cost(): Promise<PageCost> {
    const { metrics } = await this.#tools.send("Performance.getMetrics");
    const by_name = new Map(metrics.map(({ name, value }) => [name, value]));
    const metric = (name: string): number => {
      const value = by_name.get(name);
      if (value === undefined) throw new Error(`Chromium tells no ${name}`);
      return value;
    };
    return {
      script_ms: metric("ScriptDuration") * 1000,
      layout_ms: (metric("LayoutDuration") + metric("RecalcStyleDuration")) * 1000,
      task_ms: metric("TaskDuration") * 1000,
      nodes: metric("Nodes"),
      listeners: metric("JSEventListeners"),
      heap_bytes: metric("JSHeapUsedSize"),
    };
  }

  /** The heap after all that can be collected was: the second time takes what finalizers of the first let go. */
  async collectedCost(): Promise<PageCost> {
    for (let times = 0; times < 2; times += 1) await this.#tools.send("HeapProfiler.collectGarbage");
    return await this.cost();
  }

  /** Messages that the page has taken so far. */
  taken(): Promise<number> {
    return this.evaluate<number>("messagesTaken");
  }

  /** Waits until the page has taken that many messages and drawn the last of them. */
  async drawn(messages: number): Promise<void> {
    await this.evaluate<null>(`new Promise((resolve) => {
      const look = () => messagesTaken < ${messages} ? requestAnimationFrame(look) : setTimeout(() => resolve(null));
      requestAnimationFrame(look);
    })`);
  }

  /** Straight through the developer tools: Playwright's own way would leave handles in the page that is measured. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#tools.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`the page fails: ${exceptionDetails.text}`);
    return result.value as T;
  }
}
