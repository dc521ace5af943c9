import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requirePart } from "../parts/parts.ts";

/** Make a CA of our own, and certificates that it signs, with openssl. */
export function createCa() {
  const directory = mkdtempSync(join(tmpdir(), "cvm-gateway-ca-"));
  const openssl = (...args: readonly string[]) =>
    execFileSync(requirePart("openssl"), [...args], { cwd: directory, stdio: "pipe" });
  const path = (name: string) => join(directory, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=CA");
  return {
    ca: path("ca.crt"),
    /** Sign a certificate for these names, such as `DNS:redis.example` or `IP:127.0.0.1`. */
    sign(name: string, ...subjects: readonly string[]) {
      openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
      writeFileSync(path(`${name}.ext`), `subjectAltName=${subjects.join(",")}\n`);
      const signer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", `${name}.ext`];
      openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.crt`, "-days", "2", ...signer);
      return { cert: path(`${name}.crt`), key: path(`${name}.key`) };
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
