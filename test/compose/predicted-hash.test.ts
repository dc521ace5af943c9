import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import type { Reply } from "../support/upstream/reply.ts";
import { CVM, nameCall, startScripted } from "../support/upstream/scripted.ts";

const toHash = (text: string) => createHash("sha256").update(text).digest("hex");

const UNSORTED =
  '{\n    "name": "web",\n    "docker_compose_file": "x",\n    "size": 1.0,\n    "big": 12345678901234567890\n}';
const COMPACT = '{"big":12345678901234567890,"docker_compose_file":"x","name":"web","size":1.0}';
const OBJECT = '{"name":"web","docker_compose_file":"x","size":1.0,"big":12345678901234567890}';

const READ = `{ cvm(id: "web") { compose { hash text dockerComposeFile } } }`;
const PLAN = `{ planCvmConfiguration(input: { id: "web", publicLogs: false }) { composeHashAfter } }`;

const asText = (body: string): Reply => ({ headers: { "content-type": "text/plain" }, body });
const asJson = (body: string): Reply => ({ headers: { "content-type": "application/json" }, body });

/** Ask for the text and a plan while the REST API returns this compose file. */
async function read(composeFile: Reply, hash: string | null) {
  await using upstream = await startScripted((request) =>
    nameCall(request) === "GET /cvms/web"
      ? { body: { ...CVM, compose_hash: hash } }
      : request.path === "/cvms/cvm_web/compose_file?raw=true" ||
          request.path === "/cvms/web/compose_file?raw=true"
        ? composeFile
        : { status: 500, body: "unexpected" },
  );
  const { app, close } = createGateway(upstream.url);
  try {
    const { data } = await ask(app, READ);
    const planned = await ask(app, PLAN);
    expect(data.cvm.compose).toMatchObject({ hash, dockerComposeFile: "x" });
    return {
      text: data.cvm.compose.text,
      composeHashAfter: planned.data.planCvmConfiguration.composeHashAfter,
    };
  } finally {
    await close();
  }
}

describe("Compose.text and the predicted hash", () => {
  it("come from the raw text, whose numbers and order of members stay as they are", async () => {
    const changed = UNSORTED.replace("\n}", ',\n    "public_logs": false\n}');
    expect(await read(asText(UNSORTED), toHash(UNSORTED))).toEqual({
      text: UNSORTED,
      composeHashAfter: toHash(changed),
    });
  });

  it("come from a raw text that arrives as a JSON string", async () => {
    const { text } = await read(asJson(JSON.stringify(COMPACT)), toHash(COMPACT));
    expect(text).toBe(COMPACT);
  });

  it("come from a raw text that is labelled as JSON, because its hash proves it", async () => {
    expect(await read(asJson(COMPACT), toHash(COMPACT))).toEqual({
      text: COMPACT,
      composeHashAfter: toHash(COMPACT.replace('"size"', '"public_logs":false,"size"')),
    });
  });

  it("are null and still known when the REST API ignores raw and the stored form is a usual one", async () => {
    expect(await read(asJson(OBJECT), toHash(COMPACT))).toEqual({
      text: null,
      composeHashAfter: toHash(COMPACT.replace('"size"', '"public_logs":false,"size"')),
    });
  });

  it("are null and unknown when no form of the object has the present hash", async () => {
    expect(await read(asJson(OBJECT), toHash(UNSORTED))).toEqual({ text: null, composeHashAfter: null });
    expect(await read(asJson(OBJECT), null)).toEqual({ text: null, composeHashAfter: null });
  });

  it("show a raw text whose hash is not the present one, without a prediction", async () => {
    expect(await read(asText(UNSORTED), "00".repeat(32))).toEqual({
      text: UNSORTED,
      composeHashAfter: null,
    });
  });

  it("cost one upstream call for the whole app-compose", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(`{ cvm(id: "web-base") { compose { hash text json } } }`);
    const { hash, text, json } = data.cvm.compose;
    expect(toHash(text)).toBe(hash);
    expect(JSON.parse(text)).toEqual(json);
    const calls = await gateway.calls();
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /cvms/web-base",
      expect.stringMatching(/\/compose_file$/),
    ]);
    expect(calls[1]?.query).toEqual({ raw: "true" });
  });
});
