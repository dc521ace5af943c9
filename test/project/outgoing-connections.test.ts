import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startChainNode } from "../support/chain/chain-node.ts";
import { CONFIRM } from "../support/mutations.ts";
import { startMain, startProcess } from "../support/process.ts";
import { createRules, writeAccessFile } from "../support/sign-in/access-file.ts";
import { startProvider } from "../support/sign-in/provider.ts";
import { startConnectProxy } from "../support/upstream/connect-proxy.ts";
import { CVM } from "../support/upstream/scripted.ts";
import { CERTIFICATE, startTlsUpstream } from "../support/upstream/tls.ts";

const COUNT = "{ cvms(first: 1) { totalCount } }";
const PAGE = { items: [], total: 7, page: 1, page_size: 1, pages: 1 };
const PASSWORD = /hunter|operator/;

let folder = "";
let certificates = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cvm-gateway-outgoing-"));
  certificates = join(folder, "ca.pem");
  await writeFile(certificates, CERTIFICATE);
});
afterAll(() => rm(folder, { recursive: true }));

type Proxy = Awaited<ReturnType<typeof startConnectProxy>>;

const hostOf = (url: string) => new URL(url).host;

it("the gateway trusts a CA of its own with NODE_EXTRA_CA_CERTS, and names the reason without it", async () => {
  await using upstream = await startTlsUpstream({ body: PAGE });
  await using trusting = await startMain({
    UPSTREAM_URL: upstream.url,
    NODE_EXTRA_CA_CERTS: certificates,
  });
  expect((await trusting.ask(COUNT)).data.cvms.totalCount).toBe(7);
  await using other = await startMain({ UPSTREAM_URL: upstream.url });
  const { errors } = await other.ask(COUNT);
  expect(errors[0].extensions.code).toBe("UPSTREAM_UNAVAILABLE");
  await other.waitFor(/"code":"DEPTH_ZERO_SELF_SIGNED_CERT"/);
});

it("calls to the REST API, an issuer, a chain and a collector go through proxies, whose passwords are in files", async () => {
  await using proxy = await startConnectProxy();
  await using tlsProxy = await startConnectProxy(null, true);
  const writeUrl = async (name: string, url: string) => {
    const path = join(folder, name);
    await writeFile(path, `${url}\n`);
    return path;
  };
  await using upstream = await startTlsUpstream({ body: { ...PAGE, ...CVM, kms_info: { chain_id: 1 } } });
  await using collector = await startTlsUpstream({ body: {} });
  await using node = await startChainNode(1, {});
  await using provider = await startProvider();
  await using access = await writeAccessFile(createRules(provider.issuer));
  await using gateway = await startMain({
    UPSTREAM_URL: upstream.url,
    ACCESS_FILE: access.path,
    STAGING_KEY: "sandbox-staging-key",
    CHAIN_RPC_URLS: `1=${node.url}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS_FILE: await writeUrl("headers", "x-collector-key=trace%402,x-team=web"),
    HTTPS_PROXY_FILE: await writeUrl("https-proxy", tlsProxy.urlWithPassword),
    HTTP_PROXY_FILE: await writeUrl("http-proxy", proxy.urlWithPassword),
    NODE_EXTRA_CA_CERTS: certificates,
    LOG_LEVEL: "trace",
  });
  const token = await provider.sign("alice", { groups: ["releasers"] });
  const headers = { authorization: `Bearer ${token}` };
  expect((await gateway.ask(COUNT, headers)).data.cvms.totalCount).toBe(7);
  const proof = { id: CVM.id, composeHash: "ab".repeat(32), transactionHash: "34".repeat(32) };
  const answer = await (await gateway.post(CONFIRM, headers, { input: proof })).text();
  expect(await gateway.stop()).toBe(0);
  expect(node.requests.length).toBeGreaterThan(0);
  expect(collector.requests[0]?.headers).toMatchObject({ "x-collector-key": "trace@2", "x-team": "web" });
  const listHosts = ({ tunnels }: Proxy) => new Set(tunnels.map(({ target }) => target));
  expect(listHosts(tlsProxy)).toEqual(new Set([hostOf(upstream.url), hostOf(collector.url)]));
  expect(listHosts(proxy)).toEqual(new Set([hostOf(node.url), hostOf(provider.issuer)]));
  const credentials = `Basic ${Buffer.from("operator:hunter@2").toString("base64")}`;
  const tunnels = [...proxy.tunnels, ...tlsProxy.tunnels];
  expect(new Set(tunnels.map(({ authorization }) => authorization))).toEqual(new Set([credentials]));
  expect(answer).not.toMatch(PASSWORD);
  expect(gateway.output()).toContain("upstream call");
  expect(gateway.output()).not.toMatch(PASSWORD);
  expect(JSON.stringify([...upstream.requests, ...collector.requests])).not.toMatch(PASSWORD);
});

it("the embedded sandbox is not called through a proxy", async () => {
  await using proxy = await startConnectProxy();
  await using gateway = await startMain({ HTTP_PROXY: proxy.url });
  expect((await gateway.ask(COUNT)).data.cvms.totalCount).toBeGreaterThan(0);
  expect(proxy.tunnels).toEqual([]);
});

it("the process does not start with a proxy password file that cannot be read, and shows no value", async () => {
  await using gateway = startProcess("src/main.ts", {
    PORT: "0",
    HTTPS_PROXY_FILE: join(folder, "no-such-file"),
    REDIS_URL: "redis://:hunter2@redis",
    REDIS_URL_FILE: certificates,
  });
  expect(await gateway.exit()).toBe(1);
  expect(gateway.output()).toContain("HTTPS_PROXY_FILE: names a file that cannot be read (ENOENT)");
  expect(gateway.output()).toContain("REDIS_URL_FILE: must not be given together with REDIS_URL");
  expect(gateway.output()).not.toMatch(/hunter|BEGIN|at file:/);
});
