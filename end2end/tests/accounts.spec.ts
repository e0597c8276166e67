import { expect, hydrated, REFUSED_REQUEST, test } from "../harness/test.ts";

test("a new account leads to the projects, and signs out and in again", async ({ people }) => {
  const { page, user, password } = await people.visitor();
  await page.goto("/");
  await expect(page).toHaveURL(/\/login$/);
  await hydrated(page);
  await page.getByRole("link", { name: "Create an account" }).click();
  await hydrated(page);
  await page.getByLabel("Name").fill("Grace Hopper");
  await page.getByLabel("E-mail").fill(user.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Projects", level: 1 })).toBeVisible();

  await page.getByRole("button", { name: "Account of Grace Hopper" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await hydrated(page);

  await page.getByLabel("E-mail").fill(user.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Projects", level: 1 })).toBeVisible();
});

test("a wrong password is refused in words, and tells nothing about the account", async ({ people }) => {
  const somebody = await people.register("Somebody");
  const visitor = await people.visitor();
  visitor.expects(REFUSED_REQUEST);
  const { page } = visitor;
  await page.goto("/login");
  await hydrated(page);

  const refusal = async (email: string): Promise<string> => {
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill("certainly not this one");
    const answered = page.waitForResponse("**/api/auth/login");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await answered;
    const alert = page.getByRole("alert").filter({ hasText: /\S/ });
    await expect(alert).toBeVisible();
    return alert.innerText();
  };
  const forWrongPassword = await refusal(somebody.user.email);
  expect(await refusal(visitor.user.email)).toBe(forWrongPassword);
  await expect(page).toHaveURL(/\/login$/);
});

test("an e-mail address that is taken is refused at its field", async ({ people }) => {
  const somebody = await people.register("Somebody");
  const visitor = await people.visitor();
  visitor.expects(REFUSED_REQUEST);
  const { page } = visitor;
  await page.goto("/register");
  await hydrated(page);
  await page.getByLabel("Name").fill("Somebody else");
  await page.getByLabel("E-mail").fill(somebody.user.email);
  await page.getByLabel("Password").fill("a password for the second one");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
});

test("a demo account signs in with one click, and finds a board that looks lived in", async ({ people }) => {
  const { page } = await people.visitor();
  await page.goto("/login");
  await hydrated(page);
  const demo = page.getByRole("region", { name: "Try the demo" }).getByRole("button");
  await expect(demo).toHaveCount(2);
  await demo.first().click();
  await expect(page.getByRole("heading", { name: "Projects", level: 1 })).toBeVisible();
  await page.getByRole("main").getByRole("listitem").first().getByRole("link").click();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
  await expect(page.getByTestId("status-column")).toHaveCount(5);
  expect(await page.getByTestId("task-card").count()).toBeGreaterThan(50);
});

test("a page that asks for an account comes back after signing in", async ({ people }) => {
  const somebody = await people.register("Somebody");
  const project = await somebody.api.createProject("Where I wanted to go");
  const { page } = await people.visitor();
  await page.goto(`/projects/${project.id}`);
  await hydrated(page);
  await page.getByLabel("E-mail").fill(somebody.user.email);
  await page.getByLabel("Password").fill(somebody.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/projects/${project.id}$`));
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
});
