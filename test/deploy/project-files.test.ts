import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listLicenceProblems, listShippedPackages } from "../../scripts/licences.ts";
import { listPackages, PARTS } from "../support/parts/parts.ts";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");

describe("the files of the project", () => {
  const packages = listShippedPackages();

  it("list every package of the image in NOTICE, each with a permitted licence", () => {
    expect(packages.map(({ name }) => name)).toContain("graphql-yoga");
    expect(packages.map(({ name }) => name)).not.toContain("vitest");
    expect(listLicenceProblems(packages)).toEqual([]);
  });

  it("would reject a package with another licence, and a NOTICE that is not current", () => {
    const foreign = { name: "foreign", licence: "GPL-3.0-only", copyright: null };
    expect(listLicenceProblems([...packages, foreign])).toEqual([
      "foreign has the licence GPL-3.0-only, which is not permitted.",
      "NOTICE is not current. Run npm run notice.",
    ]);
  });

  it("give the development container every program that tests need", () => {
    const dockerfile = read(".devcontainer/Dockerfile");
    expect(dockerfile).toContain(`FROM node:${read(".node-version").trim()}-`);
    for (const name of listPackages(PARTS)) expect(dockerfile).toContain(` ${name}`);
    expect(JSON.parse(read(".devcontainer/devcontainer.json")).postCreateCommand).toContain("install.ts");
  });

  it("name one version in package.json, in the client package and in CHANGELOG.md", () => {
    const { version } = JSON.parse(read("package.json"));
    expect(JSON.parse(read("packages/client/package.json")).version).toBe(version);
    expect(read("CHANGELOG.md")).toContain(`## ${version}`);
  });

  it("name one repository", () => {
    const { repository, bugs } = JSON.parse(read("package.json"));
    const [, url = ""] = /^git\+(.*)\.git$/.exec(repository.url) ?? [];
    expect(bugs.url).toBe(`${url}/issues`);
    expect(JSON.parse(read("packages/client/package.json")).repository.url).toBe(repository.url);
    for (const path of ["Dockerfile", ".github/ISSUE_TEMPLATE/config.yml"]) expect(read(path)).toContain(url);
  });
});
