// `test` for every spec: servers, people with browsers of their own, and the rule that no page may complain.

import { test as base, type BrowserContext, type BrowserContextOptions, expect, type Page } from "@playwright/test";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { Api, type Project, type Role, type User } from "./api.ts";
import { BoardPage } from "./board.ts";
import { MailServer } from "./mail.ts";
import { Server } from "./server.ts";

/** What the browser itself writes to the console when a request is refused or finds no server. */
export const REFUSED_REQUEST = /^Failed to load resource: the server responded with a status of (401|403|404|409|410|422|429|500)/;
export const LOST_CONNECTION = /net::ERR_CONNECTION_(REFUSED|RESET)|WebSocket connection to '.*' failed|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|net::ERR_FAILED|net::ERR_INTERNET_DISCONNECTED/;

/** Somebody with an account, signed in, in a browser context of their own. */
export class Person {
  readonly api: Api;
  readonly #complaints: string[] = [];
  readonly #expected: RegExp[] = [];

  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly user: User,
    readonly password: string,
  ) {
    this.api = new Api(context.request);
    context.on("console", (message) => {
      if (message.type() === "error") this.#complaints.push(message.text());
    });
    context.on("weberror", (error) => this.#complaints.push(String(error.error())));
  }

  /** The console lines that this test provokes on purpose. Everything else fails it. */
  expects(...lines: RegExp[]): void {
    this.#expected.push(...lines);
  }

  /** The unexpected console errors and exceptions of all their pages. */
  complaints(): string[] {
    return this.#complaints.filter((text) => !this.#expected.some((line) => line.test(text)));
  }

  /** Opens a project's board, hydrated and live. */
  async open(project: Project, page = this.page): Promise<BoardPage> {
    const board = new BoardPage(page);
    await board.open(project);
    return board;
  }
}

/** Waits until the page handles events. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator("html[data-hydrated]")).toBeAttached();
}

export interface People {
  /** A new account, signed in, in a new context on the test's server. */
  register(name: string, options?: BrowserContextOptions): Promise<Person>;
  /** Somebody who has an account, signed in on another device. */
  elsewhere(person: Person, options?: BrowserContextOptions): Promise<Person>;
  /** A context without an account. Its console counts as well. */
  visitor(options?: BrowserContextOptions): Promise<Person>;
}

/** A project of `owner`'s, with tasks in its first column. */
export async function projectWith(owner: Person, titles: string[], members: [Person, Role][] = []): Promise<Project> {
  const project = await owner.api.createProject(`Project ${randomUUID().slice(0, 8)}`);
  for (const [person, role] of members) await owner.api.addMember(project, person, role);
  for (const title of titles) await owner.api.createTask(project, { title });
  return project;
}

/** Two people with one board open, each in a browser of their own. */
export interface Pair {
  ann: Person;
  bob: Person;
  project: Project;
  annsBoard: BoardPage;
  bobsBoard: BoardPage;
}

export async function pair(people: People, titles: string[], role: Role = "editor"): Promise<Pair> {
  const ann = await people.register("Ann");
  const bob = await people.register("Bob");
  const project = await projectWith(ann, titles, [[bob, role]]);
  const [annsBoard, bobsBoard] = await Promise.all([ann.open(project), bob.open(project)]);
  return { ann, bob, project, annsBoard, bobsBoard };
}

interface TestFixtures {
  /** The server that the people of this test use. */
  server: Server;
  people: People;
  /** Whether this test stops and starts its server, and so needs one for itself. */
  ownServer: boolean;
  /** Whether the test's own server sends e-mail. */
  sendsMail: boolean;
  /** What it sends it to. */
  mail: MailServer;
}

interface WorkerFixtures {
  /** Made before the first test of a worker, shared by its tests: their data lies in different projects. */
  sharedServer: Server;
}

const logs = path.resolve(import.meta.dirname, "../test-results/servers");

export const test = base.extend<TestFixtures, WorkerFixtures>({
  sharedServer: [
    async ({}, use, worker) => {
      const server = await Server.start(path.join(logs, `worker-${worker.workerIndex}.log`), { demo: true });
      await use(server);
      await server.remove();
    },
    { scope: "worker" },
  ],

  ownServer: [false, { option: true }],

  sendsMail: [false, { option: true }],

  mail: async ({}, use) => {
    const mail = await MailServer.start();
    await use(mail);
    mail.stop();
  },

  server: async ({ ownServer, sendsMail, mail, sharedServer }, use, info) => {
    const own = ownServer || sendsMail;
    const log = path.join(logs, `${info.testId}.log`);
    const server = own ? await Server.start(log, sendsMail ? { smtp: mail.port } : {}) : sharedServer;
    await use(server);
    if (own) await server.remove();
    expect(server.takePanics(), `panics of the server: see ${server.logFile}`).toEqual([]);
  },

  baseURL: async ({ server }, use) => use(server.url),

  people: async ({ browser, server }, use) => {
    const made: Person[] = [];
    const enter = async (options: BrowserContextOptions): Promise<BrowserContext> =>
      browser.newContext({ ...options, baseURL: server.url });
    const add = async (context: BrowserContext, user: User, password: string): Promise<Person> => {
      const person = new Person(context, await context.newPage(), user, password);
      made.push(person);
      return person;
    };

    const credentials = (name: string) => ({
      email: `${name.toLowerCase().replaceAll(" ", ".")}-${randomUUID().slice(0, 8)}@example.org`,
      password: `correct horse ${randomUUID()}`,
    });

    await use({
      register: async (name, options = {}) => {
        const context = await enter(options);
        const { email, password } = credentials(name);
        return add(context, await new Api(context.request).register({ email, password, name }), password);
      },
      elsewhere: async ({ user, password }, options = {}) => {
        const context = await enter(options);
        await new Api(context.request).login({ email: user.email, password });
        return add(context, user, password);
      },
      visitor: async (options = {}) => {
        // An address that nobody has, to make an account with.
        const { email, password } = credentials("nobody");
        return add(await enter(options), { id: "", email, name: "" }, password);
      },
    });

    // Closed first: a page that is left alone with a stopped server would go on complaining.
    for (const { context } of made) await context.close();
    const complaints = made.flatMap((person) => person.complaints());
    expect(complaints, "console errors and exceptions").toEqual([]);
  },
});

export { expect };
