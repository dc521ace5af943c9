import { readFileSync } from "node:fs";
import { ChangeType, CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { printSchema } from "../../src/schema/schema.ts";

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

/** Return the text below a heading, up to the next heading of this or a higher level. Empty without the heading. */
function findSection(text: string, heading: string): string {
  const [, below = ""] = `\n${text}`.split(`\n${heading}\n`);
  const level = heading.indexOf(" ");
  return below.split(new RegExp(`\n#{1,${level}} `))[0] ?? "";
}

/** Optional additions. The tool calls them dangerous, but no document of a client gets another meaning. */
const harmless: readonly string[] = [ChangeType.FieldArgumentAdded, ChangeType.InputFieldAdded];

/**
 * List the changes since the released schema that the changelog has to name and does not: the breaking ones below
 * "Breaking", and deprecations and changes that only some clients notice anywhere below "Unreleased".
 */
async function listUnnamed(released: string, next: string, changelog: string): Promise<string[]> {
  const unreleased = findSection(changelog, "## Unreleased");
  const breaking = findSection(unreleased, "### Breaking");
  const changes = await diff(buildSchema(released), buildSchema(next));
  return changes.flatMap(({ type, criticality: { level }, path: place = "schema", message }) => {
    const path = place.replace(/\.@deprecated$/, "");
    const isBreaking = level === CriticalityLevel.Breaking;
    const isDangerous = level === CriticalityLevel.Dangerous && !harmless.includes(type);
    const isNoted = isBreaking || isDangerous || type.includes("DEPRECATION_ADDED");
    const isNamed = (isBreaking ? breaking : unreleased).includes(`\`${path}\``);
    return isNoted && !isNamed ? [`Name \`${path}\` in CHANGELOG.md (${level}): ${message}.`] : [];
  });
}

const released = `
  type Query { cvm(id: ID!, full: Boolean = true): Cvm }
  type Cvm { id: ID! name: String status: Status! }
  input Change { id: ID! }
  enum Status { ON OFF }
`;

const unnamed = [
  ["a field that is gone", "name: String", "", "Cvm.name"],
  ["a field that became nullable", "id: ID! name", "id: ID name", "Cvm.id"],
  ["a field of another type", "name: String", "name: Int", "Cvm.name"],
  ["an argument that became required", "full: Boolean = true", "full: Boolean!", "Query.cvm.full"],
  ["a new required input field", "input Change {", "input Change { force: Boolean!", "Change.force"],
  ["a value that is gone", "ON OFF", "ON", "Status.OFF"],
] as const;

describe("a change of the schema since the last release", () => {
  it("is named in the changelog if it breaks clients", async () => {
    const changes = await listUnnamed(
      read("test/schema/released.graphql"),
      printSchema(),
      read("CHANGELOG.md"),
    );
    expect(changes).toEqual([]);
  });

  it.each(unnamed)("needs an entry below Breaking: %s", async (_what, from, to, path) => {
    const next = released.replace(from, to);
    const elsewhere = `## Unreleased\n\n### Breaking\n\n### Added\n\n- \`${path}\`\n\n## 0.1.0\n\n### Breaking\n\n- \`${path}\``;
    const [problem, ...others] = await listUnnamed(released, next, elsewhere);
    expect(problem).toContain(`Name \`${path}\` in CHANGELOG.md (BREAKING)`);
    expect(others).toEqual([]);
    const named = `## Unreleased\n\n### Breaking\n\n- \`${path}\`: use something else.\n\n## 0.1.0`;
    expect(await listUnnamed(released, next, named)).toEqual([]);
  });

  it.each([
    ["a new value", "ON OFF", "ON OFF PAUSED", "Status.PAUSED"],
    ["another default", "full: Boolean = true", "full: Boolean = false", "Query.cvm.full"],
    ["a deprecation", "name: String", 'name: String @deprecated(reason: "Use id.")', "Cvm.name"],
  ])("needs an entry below Unreleased: %s", async (_what, from, to, path) => {
    const next = released.replace(from, to);
    const problems = await listUnnamed(released, next, "## Unreleased\n\n## 0.1.0");
    expect(problems).not.toEqual([]);
    for (const problem of problems) expect(problem).toContain(`\`${path}\``);
    expect(await listUnnamed(released, next, `## Unreleased\n\n### Changed\n\n- \`${path}\``)).toEqual([]);
  });

  it("needs no entry if it only adds fields, types and optional arguments", async () => {
    const next = released
      .replace("full:", "brief: Boolean, full:")
      .replace("input Change {", "input Change { note: String")
      .replace("name:", "node: Node name:")
      .replace("enum", "type Node { id: ID! } enum");
    expect(await listUnnamed(released, next, "## Unreleased")).toEqual([]);
  });
});

describe("the released schema", () => {
  it("is that of the version in package.json, which the changelog describes", () => {
    const { version } = JSON.parse(read("package.json"));
    expect(read("test/schema/released.graphql").split("\n")[0]).toBe(`# Schema of version ${version}.`);
    expect(read("CHANGELOG.md")).toContain(`\n## ${version}\n`);
  });
});
