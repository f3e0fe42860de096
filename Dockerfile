# One image for all roles; NIGHTMARKET_ROLES says what a container does. See docker-compose.yml.

FROM node:24-bookworm-slim AS build
WORKDIR /nightmarket
ENV XDG_CACHE_HOME=/cache
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
# The dependencies on their own, so that a change of the code does not install them again. The variable keeps mediasoup's
# install script from making a worker; the next step makes it.
COPY package.json package-lock.json ./
RUN MEDIASOUP_WORKER_BIN=/made-later npm ci --no-audit --no-fund
COPY . .
# The media worker (downloaded, or built from source) and the pages.
RUN node server/setup/main.mjs setup \
 && cp /cache/nightmarket/mediasoup-worker/*/mediasoup-worker ./mediasoup-worker \
 && MEDIASOUP_WORKER_BIN=/nightmarket/mediasoup-worker npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
# The libraries that a worker built from source links; a downloaded one needs none of them.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libssl3 libuv1 libsrtp2-1 libusrsctp2 libabsl20220623 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /nightmarket
COPY --from=build /nightmarket ./
ENV NODE_ENV=production MEDIASOUP_WORKER_BIN=/nightmarket/mediasoup-worker NODE_COMPILE_CACHE=/nightmarket/compile-cache
RUN mkdir compile-cache && chown node compile-cache
USER node
# What Node makes of the sources, made once: half of what a start takes before it does anything. Kept by user.
RUN node -e "import('./server/app/app.ts').then(() => process.exit(0))"
EXPOSE 8080
# Exec form: the server is process 1 and gets the stop signal itself.
CMD ["node", "server/main.ts"]
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
