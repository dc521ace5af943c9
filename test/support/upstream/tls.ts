import { createServer } from "node:https";
import { listen } from "./listen.ts";
import { type RecordedRequest, type Reply, readBody, sendReply } from "./reply.ts";

/** A certificate for localhost and 127.0.0.1 that signs itself, from 2020 to 2120. Only tests trust it. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBjdm0tZ2F0
ZXdheSB0ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkw
FwYDVQQDDBBjdm0tZ2F0ZXdheSB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEJ65d2xQ9XgeSO7FN5QdBo+Gy+K2100fXY2wWKESQ9cVkye23AFBV6ZtrQwQu
qjC02bp7OFyWxE3cAIJzGaQNHqNOMEwwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREE
EzARgglsb2NhbGhvc3SHBH8AAAEwHQYDVR0OBBYEFAmEtB7a3DIaYoMCAfa97kFI
KTekMAoGCCqGSM49BAMCA0cAMEQCIDlWCujHdvjT0rkRvimAGIqfgxA5MWJQ4XCL
4sY8yIeqAiAfmBpMA3yR2d+Im6Jtr2ItRdFlEuT7+GVN4sRHlHhrWA==
-----END CERTIFICATE-----
`;

/** The key of {@link CERTIFICATE}. It is public, as this file is. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjgkGn14oJ8OPpYhK
+x6OiVJw+oUr+4043EAfpLxdGGahRANCAAQnrl3bFD1eB5I7sU3lB0Gj4bL4rbXT
R9djbBYoRJD1xWTJ7bcAUFXpm2tDBC6qMLTZuns4XJbETdwAgnMZpA0e
-----END PRIVATE KEY-----
`;

/** What a TLS server needs to be trusted by a client that trusts {@link CERTIFICATE}. */
export const serverIdentity = { cert: CERTIFICATE, key: KEY };

/** Start an HTTPS server that records each request and sends the same reply to all. */
export async function startTlsUpstream(reply: Reply) {
  const requests: RecordedRequest[] = [];
  const server = createServer(serverIdentity, (incoming, response) => {
    const { method = "GET", url: path = "/", headers } = incoming;
    void readBody(incoming).then(
      (body) => {
        requests.push({ method, path, headers, body });
        sendReply(response, reply);
      },
      () => response.destroy(),
    );
  });
  const listening = await listen(server);
  return { ...listening, url: listening.url.replace("http:", "https:"), requests };
}
