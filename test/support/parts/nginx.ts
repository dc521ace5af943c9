import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../streaming-gateway.ts";
import { findFreePort } from "../upstream/listen.ts";
import { requirePart } from "./parts.ts";

/** Debian's default settings, with every path in a folder of its own. */
function writeSettings(directory: string, http: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`)
    .join(" ");
  return `
daemon off; pid ${directory}/nginx.pid; error_log ${directory}/error.log; worker_processes 1;
events { worker_connections 768; }
http {
  sendfile on; tcp_nopush on; types_hash_max_size 2048; access_log off; ${temporary}
  include /etc/nginx/mime.types; default_type application/octet-stream;
  gzip on;
  ${http}
}
`;
}

/** Start an nginx with the given lines in its `http` block, and wait until it answers on the port. */
export async function runNginx(port: number, http: string) {
  const directory = await mkdtemp(join(tmpdir(), "cvm-gateway-nginx-"));
  const configure = (lines: string) =>
    writeFile(join(directory, "nginx.conf"), writeSettings(directory, lines));
  await configure(http);
  const nginx = spawn(requirePart("nginx"), [
    "-p",
    directory,
    "-e",
    join(directory, "error.log"),
    "-c",
    join(directory, "nginx.conf"),
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until(() =>
    fetch(`${url}/graphql`, { method: "POST" }).then(
      () => true,
      () => false,
    ),
  );
  return {
    url,
    /** Replace the lines and load them, without closing the port. Running requests end as they began. */
    async reload(lines: string): Promise<void> {
      await configure(lines);
      nginx.kill("SIGHUP");
    },
    async [Symbol.asyncDispose]() {
      nginx.kill("SIGTERM");
      if (nginx.exitCode === null) await once(nginx, "exit");
      await rm(directory, { recursive: true });
    },
  };
}

/** Start an nginx in front of a gateway, with the lines that its documentation asks for to pass WebSockets on. */
export async function startNginx(target: string, extra = "") {
  const port = await findFreePort();
  const { url, ...nginx } = await runNginx(
    port,
    `${extra}
  server {
    listen 127.0.0.1:${port};
    location /graphql { proxy_pass ${target}; }
    location /ws/graphql {
      proxy_pass ${target}/graphql;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
    }
  }`,
  );
  return { ...nginx, url: `${url}/graphql`, socketUrl: `${url}/ws/graphql` };
}
