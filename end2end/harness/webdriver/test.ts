// `test` for the specs of other engines: a server, two browsers, and people in them.

import { test as base, expect, request, type APIRequestContext, type TestInfo } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Api, type Project, type Role, type User } from "../api.ts";
import { Server } from "../server.ts";
import { EngineBoard } from "./board.ts";
import { Browser, Key } from "./browser.ts";
import type { EngineName } from "./driver.ts";
import { Front } from "./front.ts";

/** What an engine writes to its console when the server cannot be reached, or refuses. */
export const NO_ANSWER = /establish a connection|connection to ws:.* was interrupted|did not load: |NetworkError|Load failed|WebSocket connection|access control checks/;

/** Somebody with an account, at a browser and a network connection of their own. */
export class Visitor {
  // Of the document that only takes the cookies: Firefox looks for its icon, at times as late as in the test.
  readonly #expected: RegExp[] = [/blocked the loading of a resource \(img-src\) at \S+\/favicon\.ico /];

  constructor(
    readonly browser: Browser,
    readonly front: Front,
    readonly api: Api,
    readonly user: User,
    readonly password: string,
  ) {}

  /** The console lines that this test provokes on purpose. Everything else fails it. */
  expects(...lines: RegExp[]): void {
    this.#expected.push(...lines);
  }

  complaints(): string[] {
    const all = [...this.browser.complaints, ...this.front.complaints];
    return all.filter((text) => !this.#expected.some((line) => line.test(text)));
  }

  async goto(address: string): Promise<void> {
    await this.browser.driver.get(this.front.url + address);
    await this.browser.part("html[data-hydrated]").shown();
  }

  async path(): Promise<string> {
    const { pathname, search } = new URL(await this.browser.driver.getCurrentUrl());
    return pathname + search;
  }

  /** Opens a project's board, hydrated and live. */
  async open(project: Project): Promise<EngineBoard> {
    const board = new EngineBoard(this.browser, project);
    await this.goto(`/projects/${project.id}`);
    await board.live();
    return board;
  }
}

/** A project of `owner`'s, with cards in its first column. */
export async function projectWith(owner: Visitor, titles: string[], members: [Visitor, Role][] = []): Promise<Project> {
  const project = await owner.api.createProject(`Project ${randomUUID().slice(0, 8)}`);
  for (const [person, role] of members) await owner.api.addMember(project, person, role);
  for (const title of titles) await owner.api.createTask(project, { title });
  return project;
}

interface TestFixtures {
  /** Somebody in the engine under test, signed in. */
  ann: Visitor;
  /** Somebody in the other one. */
  bob: Visitor;
  /** Somebody in the engine under test, who is not signed in. */
  visitor: Visitor;
}

interface WorkerFixtures {
  engine: EngineName;
  server: Server;
  own: Browser;
  other: Browser;
}

const logs = path.resolve(import.meta.dirname, "../../test-results/engines");

async function visit(browser: Browser, server: Server, name: string, signedIn: boolean, info: TestInfo, use: (one: Visitor) => Promise<void>): Promise<void> {
  const front = await Front.before(server, !browser.tellsErrors);
  const context: APIRequestContext = await request.newContext({ baseURL: server.url });
  const [email, password] = [`${name.toLowerCase()}-${randomUUID().slice(0, 8)}@example.org`, `correct horse ${randomUUID()}`];
  const api = new Api(context);
  const user = await api.register({ email, password, name });

  // A document of the address that cookies are for.
  await browser.driver.get(`${front.url}/favicon.svg`);
  await browser.driver.manage().deleteAllCookies();
  if (signedIn) {
    const { cookies } = await context.storageState();
    for (const { name, value } of cookies) await browser.driver.manage().addCookie({ name, value, path: "/", httpOnly: true });
  }
  browser.complaints = [];
  const visitor = new Visitor(browser, front, api, user, password);
  await use(visitor);
  if (info.status !== info.expectedStatus) {
    await writeFile(info.outputPath(`${name}.png`), await browser.driver.takeScreenshot(), "base64");
  }
  const complaints = visitor.complaints();
  // Left first: a page that is left alone without a connection would go on complaining.
  await browser.driver.get("about:blank");
  await front.close();
  await context.dispose();
  expect(complaints, `console errors and exceptions of ${name}, in ${browser.engine}`).toEqual([]);
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  engine: ["firefox", { scope: "worker", option: true }],

  server: [
    async ({ engine }, use) => {
      const server = await Server.start(path.join(logs, `server-${engine}.log`));
      await use(server);
      await server.remove();
    },
    { scope: "worker" },
  ],

  own: [
    async ({ engine }, use) => {
      const browser = await Browser.start(engine, path.join(logs, `${engine}.log`));
      await use(browser);
      await browser.stop();
    },
    { scope: "worker" },
  ],

  other: [
    async ({ engine }, use) => {
      const other = engine === "firefox" ? "webkit" : "firefox";
      const browser = await Browser.start(other, path.join(logs, `${engine}-${other}.log`));
      await use(browser);
      await browser.stop();
    },
    { scope: "worker" },
  ],

  ann: async ({ own, server }, use, info) => visit(own, server, "Ann", true, info, use),
  bob: async ({ other, server }, use, info) => visit(other, server, "Bob", true, info, use),
  visitor: async ({ own, server }, use, info) => visit(own, server, "Grace", false, info, use),
});

export { expect, Key };
