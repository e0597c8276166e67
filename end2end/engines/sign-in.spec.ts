// The way in: an account, a wrong password, a first project.

import { expect, Key, test } from "../harness/webdriver/test.ts";

test("an account is made, left and entered again by keys, and its first project is a live board", async ({ visitor }) => {
  const { browser, password } = visitor;
  await visitor.goto("/register");
  await browser.part("input[name=name]").type("Grace Hopper");
  await browser.part("input[name=email]").type(`second-${visitor.user.email}`);
  await browser.part("input[name=password]").type(password, Key.ENTER);
  await browser.part("h1", { text: "Projects" }).shown();

  await browser.part(".account-button").click();
  await browser.button("Sign out").click();
  await browser.part("h1, h2", { text: "Sign in" }).shown();
  await browser.part("html[data-hydrated]").shown();

  visitor.expects(/401/);
  await browser.part("input[name=email]").type(visitor.user.email, Key.TAB);
  await browser.part("input[name=password]").type("certainly not this one", Key.ENTER);
  await browser.part("[role=alert]", { text: " " }).says(/\S/);
  expect(await visitor.path()).toBe("/login");
  await browser.part("input[name=password]").retype(password, Key.ENTER);
  await browser.part("h1", { text: "Projects" }).shown();

  await browser.part("main form input").type("Compilers", Key.ENTER);
  await browser.part("[data-testid=connection]").has("data-state", "live");
  await browser.part("[data-testid=status-column]").shown(3);
});
