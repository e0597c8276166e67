// The API as one person sees it: for what a test needs to be there before it begins, and for the truth at its end.

import { type APIRequestContext, type APIResponse, expect } from "@playwright/test";
import { randomUUID } from "node:crypto";

export type Role = "owner" | "editor" | "viewer";

export interface User {
  id: string;
  email: string;
  name: string;
}

export interface Project {
  id: string;
  name: string;
}

export interface Invitation {
  id: string;
  email: string | null;
  role: Role;
  url: string;
}

export interface Status {
  id: string;
  name: string;
  category: "todo" | "doing" | "done";
}

export interface Task {
  id: string;
  title: string;
  status_id: string;
  description?: string;
  assignee_id: string | null;
  priority: string;
  start_at: string | null;
  due_at: string | null;
  estimate_hours: number | null;
  blocked_reason: string | null;
  version: number;
}

export interface Snapshot {
  epoch: string;
  seq: number;
  project: Project;
  statuses: Status[];
  tasks: Task[];
  members: { user_id: string; name: string; role: Role }[];
}

export interface Comment {
  id: string;
  task_id: string;
  author_id: string;
  body: string;
  html: string;
}

export interface Notification {
  id: string;
  type: string;
  title: string;
  task_id: string;
  read_at?: string;
}

export interface Notifications {
  notifications: Notification[];
  more: boolean;
  unread: number;
}

export interface Preferences {
  kinds: { kind: string; channels: { bell: boolean; browser: boolean; email: boolean } }[];
  quiet: { from: number; to: number } | null;
  first_weekday: string;
  time_zone: string;
  muted: string[];
  email_available: boolean;
}

export class Api {
  readonly #request: APIRequestContext;

  constructor(request: APIRequestContext) {
    this.#request = request;
  }

  async register(user: { email: string; password: string; name: string }): Promise<User> {
    const { user: made } = await this.#json<{ user: User }>(await this.#request.post("/api/auth/register", { data: user }));
    return made;
  }

  async login(account: { email: string; password: string }): Promise<void> {
    await this.#json(await this.#request.post("/api/auth/login", { data: account }));
  }

  async createProject(name: string): Promise<Project> {
    const { project } = await this.#json<{ project: Project }>(await this.#write("post", "/api/projects", { name }));
    return project;
  }

  /** Invites somebody: one address, or without one whoever uses the link first. */
  async invite(project: Project, role: Role, email?: string): Promise<Invitation> {
    const path = `/api/projects/${project.id}/invitations`;
    const { invitation } = await this.#json<{ invitation: Invitation }>(await this.#write("post", path, { email, role }));
    return invitation;
  }

  async accept(invitation: Invitation): Promise<void> {
    const token = invitation.url.split("/").at(-1);
    await this.#json(await this.#write("post", `/api/invitations/${token}/accept`));
  }

  /** Invites somebody who says yes at once. */
  async addMember(project: Project, person: { api: Api; user: User }, role: Role): Promise<void> {
    await person.api.accept(await this.invite(project, role, person.user.email));
  }

  async removeMember(project: Project, user: User): Promise<void> {
    await this.#json(await this.#write("delete", `/api/projects/${project.id}/members/${user.id}`));
  }

  async assign(id: string, user: User): Promise<void> {
    await this.#json(await this.#write("post", `/api/tasks/${id}/assign`, { assignee_id: user.id }));
  }

  async deleteStatus(project: Project, id: string): Promise<void> {
    await this.#json(await this.#write("delete", `/api/projects/${project.id}/statuses/${id}`));
  }

  async setRole(project: Project, user: User, role: Role): Promise<void> {
    await this.#json(await this.#write("patch", `/api/projects/${project.id}/members/${user.id}`, { role }));
  }

  async board(project: Project): Promise<Snapshot> {
    return this.#json(await this.#request.get(`/api/projects/${project.id}/board`));
  }

  async createTask(project: Project, fields: { title: string; status_id?: string; description?: string }): Promise<Task> {
    const { task } = await this.#json<{ task: Task }>(await this.#write("post", `/api/projects/${project.id}/tasks`, fields));
    return task;
  }

  async task(id: string): Promise<Task> {
    const body = await this.#json<Task | { task: Task }>(await this.#request.get(`/api/tasks/${id}`));
    return "task" in body ? body.task : body;
  }

  async updateTask(id: string, fields: Partial<Task>): Promise<void> {
    await this.#json(await this.#write("patch", `/api/tasks/${id}`, fields));
  }

  async moveTask(id: string, to: { status_id: string; after_id?: string; before_id?: string }): Promise<void> {
    await this.#json(await this.#write("patch", `/api/tasks/${id}/status`, to));
  }

  async deleteTask(id: string): Promise<void> {
    await this.#json(await this.#write("delete", `/api/tasks/${id}`));
  }

  async comment(task: string, body: string): Promise<Comment> {
    const { comment } = await this.#json<{ comment: Comment }>(await this.#write("post", `/api/tasks/${task}/comments`, { body }));
    return comment;
  }

  async editComment(id: string, body: string): Promise<void> {
    await this.#json(await this.#write("patch", `/api/comments/${id}`, { body }));
  }

  /** The newest page of a task's thread. */
  async thread(task: string): Promise<Comment[]> {
    const { comments } = await this.#json<{ comments: Comment[] }>(await this.#request.get(`/api/tasks/${task}/comments`));
    return comments;
  }

  /** The newest page of one's own notifications. */
  async notifications(): Promise<Notifications> {
    return this.#json(await this.#request.get("/api/notifications"));
  }

  async readAll(): Promise<void> {
    await this.#json(await this.#write("post", "/api/notifications/read", { all: true }));
  }

  async preferences(): Promise<Preferences> {
    return this.#json(await this.#request.get("/api/notifications/preferences"));
  }

  /** What stands under an address, as text. */
  async text(address: string): Promise<string> {
    const response = await this.#request.get(address);
    expect(response.ok(), `${address}: ${response.status()}`).toBe(true);
    return response.text();
  }

  /** The titles of a column, as the database has them. */
  async column(project: Project, status: string): Promise<string[]> {
    const { statuses, tasks } = await this.board(project);
    const id = statuses.find(({ name }) => name === status)?.id;
    return tasks.filter(({ status_id }) => status_id === id).map(({ title }) => title);
  }

  #write(method: "post" | "patch" | "delete", path: string, data?: object): Promise<APIResponse> {
    return this.#request[method](path, { ...(data && { data }), headers: { "Idempotency-Key": randomUUID() } });
  }

  async #json<T>(response: APIResponse): Promise<T> {
    expect(response.ok(), `${response.url()}: ${response.status()} ${await response.text()}`).toBe(true);
    return response.json();
  }
}
