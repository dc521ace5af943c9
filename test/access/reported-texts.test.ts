import { describe, expect, it } from "vitest";
import { SERVER_KEYS } from "../support/sign-in/access-file.ts";
import { startSignIn } from "../support/sign-in/gateway.ts";
import { encodeBody } from "../support/upstream/reply.ts";

const KEY = SERVER_KEYS.production;

/** Add the key to the texts of an answer in which the REST API reports a problem. */
function echoKey(path: string, body: string): string {
  if (path.includes("/stats") || path.includes("/network") || path.includes("/attestation")) {
    return JSON.stringify({ ...JSON.parse(body), error: `x-api-key: ${KEY} failed` });
  }
  if (path.includes("/status/batch")) {
    return body.replaceAll(/"boot_error":(?:null|"[^"]*")/g, `"boot_error":"x-api-key: ${KEY} failed"`);
  }
  if (path.includes("/operations")) {
    return body.replaceAll(/"error_message":(?:null|"[^"]*")/g, `"error_message":"x-api-key: ${KEY} failed"`);
  }
  if (path.includes("/compose_file")) return body.replaceAll("nginx:1.27.3", `nginx:${KEY}`);
  return body.replaceAll(/"region":"[^"]*"/g, `"region":"x-api-key: ${KEY} failed"`);
}

describe("an answer in which the REST API repeats the key of the gateway", () => {
  it("reaches the client without it", async () => {
    await using gateway = await startSignIn();
    gateway.upstream.answer = async ({ path }, forward) => {
      const reply = await forward();
      return { ...reply, body: echoKey(path, encodeBody(reply.body)) };
    };
    const token = await gateway.provider.sign("rita", { groups: ["platform"] });
    await gateway.ask(token, 'mutation { restartCvm(input: { id: "web-phala" }) { correlationId } }');
    const { data } = await gateway.ask(
      token,
      `{ cvm(id: "web-phala") {
        node { region } compose { text }
        stats { error } network { error } attestation { error } state { bootError }
        operations(first: 1) { nodes { errorMessage } }
      } }`,
    );
    const text = "x-api-key: [redacted] failed";
    expect(data.cvm).toMatchObject({
      node: { region: text },
      // The bytes of an app-compose are hashed, so they stay as they are.
      compose: { text: expect.stringContaining(`nginx:${KEY}`) },
      stats: { error: text },
      network: { error: text },
      attestation: { error: text },
      state: { bootError: text },
      operations: { nodes: [{ errorMessage: text }] },
    });
  });

  it("to a change that needs a registered hash has addresses without it", async () => {
    await using gateway = await startSignIn();
    gateway.upstream.answer = async ({ method }, forward) => {
      const reply = await forward();
      const body = encodeBody(reply.body).replaceAll(/https:\/\/kms-[^"]*/g, `https://kms.example/?${KEY}`);
      return method === "GET" ? reply : { ...reply, body };
    };
    const token = await gateway.provider.sign("rita", { groups: ["releasers"] });
    const kms = "kms { url }";
    const provision = await gateway.ask(
      token,
      `mutation { provisionCvmComposeFileUpdate(input: { id: "web-base", appCompose: { dockerComposeFile: "services: {}" } }) { ${kms} } }`,
    );
    const change = await gateway.ask(
      token,
      `mutation { updateDockerCompose(input: { id: "web-base", dockerComposeFile: "services: {}" }) { ... on OnChainHashRequired { ${kms} } } }`,
    );
    const hidden = { kms: { url: "https://kms.example/?[redacted]" } };
    expect(change.data).toMatchObject({ updateDockerCompose: hidden });
    expect(provision.data).toMatchObject({ provisionCvmComposeFileUpdate: hidden });
  });

  it("to a write names no operation by it, neither to the client nor in the audit log", async () => {
    await using gateway = await startSignIn();
    gateway.upstream.answer = async ({ method }, forward) =>
      method === "PATCH"
        ? { status: 202, body: { status: "in_progress", message: "ok", correlation_id: KEY } }
        : forward();
    const token = await gateway.provider.sign("rita", { groups: ["platform"] });
    const answer = await gateway.ask(
      token,
      'mutation { configureCvm(input: { id: "web-phala", vcpu: 4 }) { ... on InProgress { status correlationId } } }',
    );
    expect(answer.data.configureCvm).toMatchObject({ status: "IN_PROGRESS" });
    expect(JSON.stringify([answer, await gateway.readAudit()])).not.toContain(KEY);
  });
});
