import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFreshProject, type FreshProject } from "../fresh-project.ts";
import { type Lab, startLab, startLabOfProcess } from "./lab.ts";
import { findBlock, listBlocks, readPage } from "./page.ts";
import { type Recipe, readRecipes, startInProject } from "./recipes.ts";

let project: FreshProject;
let recipes: Recipe[] = [];

beforeAll(async () => {
  project = await createFreshProject();
  recipes = await readRecipes(project);
}, 180_000);

afterAll(() => project.remove());

/** What a recipe writes when it follows an operation that is running. */
const FOLLOWING = /percent\W+[1-9]|following IN_PROGRESS/;

const ENDED = /COMPLETED/;

/** Run recipes behind one network until they follow an operation, let something fail, and expect the end of each. */
async function runThrough(lab: Lab, selected: readonly Recipe[], fail: () => Promise<unknown>) {
  await using running = new AsyncDisposableStack();
  const started = await Promise.all(
    selected.map(async (recipe) => {
      const constants = { url: lab.url, key: `sandbox-${recipe.slug}` };
      return running.use(await startInProject(project, recipe, constants));
    }),
  );
  await Promise.all(started.map((recipe) => recipe.waitFor(FOLLOWING)));
  await fail();
  const results = await Promise.allSettled(started.map((recipe) => recipe.waitFor(ENDED)));
  const lost = results.flatMap((result) => (result.status === "rejected" ? String(result.reason) : []));
  expect(lost).toEqual([]);
}

/** Run a recipe until it ends. */
async function runToEnd(lab: Lab, recipe: Recipe, key: string) {
  const before = lab.countConnections();
  await using running = await startInProject(project, recipe, { url: lab.url, key });
  await running.exit(30_000);
  return { connections: lab.countConnections() - before, output: running.output() };
}

describe.concurrent("every recipe", { tags: ["relay-compiler", "curl"] }, () => {
  it("receives the end of the operation after the first answer over HTTP is lost, and a blip of a millisecond", async () => {
    await using lab = await startLab();
    lab.loseFirstAnswers(recipes.map(({ slug }) => `sandbox-${slug}`));
    await runThrough(lab, recipes, async () => {
      expect(lab.countLostAnswers()).toBe(recipes.filter(({ name }) => name !== "graphql-ws").length);
      await lab.interrupt(1);
      await lab.endOperations();
    });
  }, 90_000);

  it("receives the end of an operation that ends during 12 seconds without a network", async () => {
    await using lab = await startLab();
    await runThrough(lab, recipes, () => lab.interrupt(12_000, lab.endOperations));
  }, 90_000);

  it("receives the end of an operation that ends while the gateway restarts", async () => {
    await using lab = await startLabOfProcess();
    await runThrough(lab, recipes, () => lab.restart(lab.endOperations));
  }, 90_000);

  it("ends with a key that is not accepted, without connecting again", async () => {
    await using lab = await startLab();
    const results: Record<string, unknown> = {};
    for (const recipe of recipes) {
      const { connections, output } = await runToEnd(lab, recipe, "wrong");
      if (!output.includes("credential") || connections > 2) results[recipe.name] = { connections, output };
    }
    expect(results).toEqual({});
  }, 90_000);
});

describe.concurrent("the recipe for graphql-ws", { tags: ["relay-compiler"] }, () => {
  const find = () => recipes.filter(({ name }) => name === "graphql-ws");

  it("connects again after the network has disappeared without a sign", async () => {
    await using lab = await startLab();
    await runThrough(lab, find(), async () => {
      lab.freeze();
      await lab.endOperations();
    });
  }, 60_000);

  it("ends when the gateway closes the socket with 4403, without connecting again", async () => {
    await using lab = await startLab();
    for (const recipe of find()) {
      const { connections, output } = await runToEnd(lab, recipe, "");
      expect(output).toContain("This request needs a credential.");
      expect(connections).toBe(1);
    }
  }, 60_000);

  it("has the same settings as those for Apollo Client and Relay", async () => {
    const blocks = listBlocks(await readPage("clients.md"));
    const settings = ["graphql-ws", "Apollo Client", "Relay"].map(
      (name) => /^const socket = .*?^\}\);$/ms.exec(findBlock(blocks, name, "js"))?.[0],
    );
    expect(settings[0]).toContain("4403");
    expect(new Set(settings).size).toBe(1);
  });
});
