import { chromium, type Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { requirePart } from "../support/parts/parts.ts";
import { SERVER_KEYS } from "../support/sign-in/access-file.ts";
import { startSignIn } from "../support/sign-in/gateway.ts";
import { PAGE_CLIENT, RESOURCE } from "../support/sign-in/provider.ts";
import { serve } from "../support/upstream/listen.ts";

/** What the page needs to know. Nothing of it is secret. */
type Settings = { readonly issuer: string; readonly gateway: string };

/**
 * A single-page app as docs/access.md describes it: authorization code with PKCE, and the token in a variable. The
 * verifier outlives the redirect in `sessionStorage`, and cannot be used again.
 */
const writePage = ({ issuer, gateway }: Settings) => `<!doctype html><title>page</title>
<button id="sign-in">Sign in at the provider</button><pre id="out"></pre>
<script type="module">
const text = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/[+]/g, "-").replace(/[/]/g, "_").replace(/=/g, "");
const random = () => text(crypto.getRandomValues(new Uint8Array(32)));
const redirectUri = location.origin + "/";
const out = document.getElementById("out");

document.getElementById("sign-in").onclick = async () => {
  const verifier = random();
  const state = random();
  sessionStorage.setItem("sign-in", JSON.stringify({ verifier, state }));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    client_id: "${PAGE_CLIENT}", redirect_uri: redirectUri, response_type: "code", scope: "openid cvms",
    resource: "${RESOURCE}", code_challenge: text(new Uint8Array(hash)), code_challenge_method: "S256", state,
  });
  location.assign("${issuer}/auth?" + query);
};

async function fetchToken(code, state) {
  const begun = JSON.parse(sessionStorage.getItem("sign-in"));
  sessionStorage.removeItem("sign-in");
  if (begun.state !== state) throw new Error("another sign-in");
  const body = new URLSearchParams({
    grant_type: "authorization_code", client_id: "${PAGE_CLIENT}", code, redirect_uri: redirectUri,
    code_verifier: begun.verifier, resource: "${RESOURCE}",
  });
  const response = await fetch("${issuer}/token", { method: "POST", body });
  return (await response.json()).access_token;
}

async function ask(token, query) {
  const response = await fetch("${gateway}", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer " + token },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

function watch(token) {
  const socket = new WebSocket("${gateway}".replace("http", "ws"), "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  return new Promise((resolve) => {
    socket.onopen = () => send({ type: "connection_init", payload: { authorization: "Bearer " + token } });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "connection_ack") {
        send({ id: "1", type: "subscribe", payload: { query: 'subscription { cvmState(id: "web-phala") { status } }' } });
      } else if (message.type === "next") { socket.close(); resolve(message.payload); }
    };
    socket.onclose = ({ code }) => resolve({ code });
  });
}

const given = new URLSearchParams(location.search);
if (given.has("code")) {
  history.replaceState(null, "", "/");
  const token = await fetchToken(given.get("code"), given.get("state"));
  const answers = {
    read: await ask(token, '{ viewer { subject workspace permissions } cvm(id: "web-phala") { name viewerCan { configure environment } } }'),
    write: await ask(token, 'mutation { configureCvm(input: { id: "web-phala", vcpu: 4 }) { __typename } }'),
    refused: await ask(token, 'mutation { configureCvm(input: { id: "dev-image", vcpu: 4 }) { __typename } }'),
    forged: await ask(token.slice(0, -4) + "AAAA", "{ cvms(first: 1) { totalCount } }"),
    state: await watch(token),
    stored: Object.keys(localStorage).length + Object.keys(sessionStorage).length,
  };
  out.textContent = JSON.stringify(answers);
}
</script>`;

/** Collect everything that the page receives: bodies, headers and messages of WebSockets. */
function collectBytes(page: Page): { readonly texts: string[]; readonly bodies: Promise<void>[] } {
  const texts: string[] = [];
  const bodies: Promise<void>[] = [];
  page.on("response", (response) => {
    texts.push(JSON.stringify(response.headers()), response.url());
    bodies.push(
      response.text().then(
        (body) => void texts.push(body),
        () => undefined,
      ),
    );
  });
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => void texts.push(String(payload)));
  });
  return { texts, bodies };
}

describe("a page of another origin", { tags: ["chromium"] }, () => {
  it("signs a person in with the authorization code flow and PKCE, and sees no byte of a Phala key", async () => {
    let html = "";
    await using server = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end(html);
    });
    await using gateway = await startSignIn({ environment: { CORS_ORIGINS: server.url } });
    gateway.provider.allowRedirect(`${server.url}/`);
    html = writePage({ issuer: gateway.provider.issuer, gateway: gateway.url });
    const browser = await chromium.launch({
      executablePath: requirePart("chromium"),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
    try {
      const page = await browser.newPage();
      const { texts, bodies } = collectBytes(page);
      await page.goto(server.url);
      await page.getByRole("button", { name: "Sign in at the provider" }).click();
      await page.getByPlaceholder("Enter any login").fill("alice");
      await page.getByPlaceholder("and password").fill("x");
      await page.getByRole("button", { name: "Sign-in" }).click();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.waitForFunction("document.getElementById('out')?.textContent !== ''");
      const answers = JSON.parse((await page.locator("#out").textContent()) ?? "");
      expect(answers.read).toEqual({
        data: {
          viewer: {
            subject: "alice",
            workspace: "production",
            permissions: ["READ", "PLAN", "POWER", "CONFIGURE"],
          },
          cvm: { name: "web-phala", viewerCan: { configure: true, environment: false } },
        },
      });
      expect(answers.write).toEqual({ data: { configureCvm: { __typename: "InProgress" } } });
      expect(answers.refused.errors[0].extensions.code).toBe("FORBIDDEN");
      expect(answers.forged.errors[0].extensions.code).toBe("UNAUTHENTICATED");
      expect(answers.state.data.cvmState.status).toMatch(/./);
      expect(answers.stored).toBe(0);
      await Promise.all(bodies);
      expect(texts.join("")).toContain("web-phala");
      for (const key of Object.values(SERVER_KEYS)) expect(texts.join("")).not.toContain(key);
      const keys = gateway.takeCalls().map(({ headers }) => headers["x-api-key"]);
      expect(new Set(keys)).toEqual(new Set([SERVER_KEYS.production]));
    } finally {
      await browser.close();
    }
  }, 60_000);
});
