# package.json pins Node through npm. The image runs this version, the one that the tests ran on.
FROM node:26.10.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=optional
RUN cp node_modules/node/bin/node /usr/local/bin/pinned-node \
  && cp node_modules/node/node_modules/node-linux-*/LICENSE /usr/local/bin/node-licence
COPY src ./src
COPY sandbox ./sandbox
COPY scripts ./scripts
RUN npm run build

FROM debian:bookworm-20260824-slim
ARG VERSION=development
ARG REVISION=unknown
LABEL org.opencontainers.image.title="cvm-gateway" \
  org.opencontainers.image.description="One GraphQL endpoint for configuring Phala Cloud confidential VMs (CVMs)." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.source="https://github.com/cvm-gateway/cvm-gateway" \
  org.opencontainers.image.documentation="https://github.com/cvm-gateway/cvm-gateway/blob/main/docs/operations.md" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
RUN apt-get update \
  && apt-get install -y --no-install-recommends libatomic1 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin gateway
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
COPY --from=build /usr/local/bin/pinned-node /usr/local/bin/node
COPY --from=build /usr/local/bin/node-licence /usr/local/share/doc/node/LICENSE
COPY --from=build /app/dist ./dist
COPY package.json LICENSE NOTICE ./
# A number, so that Kubernetes can check that it is not root.
USER 10001
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["/usr/local/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "dist/main.js"]
