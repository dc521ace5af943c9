import { readFile } from "node:fs/promises";
import * as sdk from "@phala/cloud";
import sdkPackage from "@phala/cloud/package.json" with { type: "json" };
import { buildSchema, isObjectType } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { listNames, listRows, readPage } from "./page.ts";

/** Calls of the SDK that are about a CVM and what it runs. Each call has a second form, with `safe` before its name. */
const SUBJECT = /Cvm|Compose|PreLaunchScript|OsImages?|EnvEncrypt|Device|OnChainPrerequisites/;

const isCall = (name: string) => `safe${name.charAt(0).toUpperCase()}${name.slice(1)}` in sdk;

let page = "";
let schema = buildSchema("type Query { a: Int }");

beforeAll(async () => {
  page = await readPage("clients.md");
  schema = buildSchema(await readFile(new URL("../../../schema.graphql", import.meta.url), "utf8"));
});

describe("the table of the calls of @phala/cloud", () => {
  it("has every call that is about a CVM, and no other", () => {
    const rows = [...listRows(page, "| SDK | Mutation |"), ...listRows(page, "| SDK | Field |")];
    const named = rows.flatMap(([calls = ""]) => listNames(calls));
    const calls = Object.keys(sdk).filter((name) => isCall(name) && SUBJECT.test(name));
    expect(calls.length).toBeGreaterThan(40);
    // These two have no safe form.
    expect(named.toSorted()).toEqual([...calls, "getComposeHash", "watchCvmState"].toSorted());
    expect(Object.keys(sdk)).toEqual(expect.arrayContaining(["getComposeHash", "watchCvmState"]));
    expect(page).toContain(`version ${sdkPackage.version}`);
  });

  it("names mutations and fields of the schema, and every mutation", () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
    const rows = listRows(page, "| SDK | Mutation |");
    expect(rows.flatMap(([, names = ""]) => listNames(names)).toSorted()).toEqual(mutations.toSorted());
    const fields = listRows(page, "| SDK | Field |").flatMap(([, names = ""]) => listNames(names));
    const missing = fields.filter((coordinate) => {
      const [name = "", field = ""] = coordinate.split(".");
      const type = schema.getType(name);
      return !isObjectType(type) || !(field in type.getFields());
    });
    expect(missing).toEqual([]);
  });
});
