# syntax=docker/dockerfile:1

# Pinned by version. Builds that must repeat to the byte name the digest too:
#   docker build --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:… .
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# Production dependencies and the list of them, then of what is native only this platform's (ONNX Runtime brings five, SQLite
# eight and its source), and nothing that is there for people or compilers to read; licences stay.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund \
 && npm pkg delete devDependencies \
 && npm sbom --omit=dev --sbom-format=cyclonedx >sbom.json \
 && arch=$(node -p process.arch) \
 && cd node_modules \
 && find onnxruntime-node/bin/napi-v* -mindepth 2 -maxdepth 2 -type d ! -path "*/linux/$arch" -exec rm -r {} + \
 && find onnxruntime-node/bin/napi-v* -mindepth 1 -maxdepth 1 -type d ! -name linux -exec rm -r {} + \
 && find better-sqlite3/prebuilds -type f ! -name "linux-$arch.node" -delete \
 && rm -r better-sqlite3/deps better-sqlite3/src zod/src \
 && rm -r bintrees/examples bintrees/test @stdlib/*/dist @stdlib/*/src @stdlib/*/docs @observablehq/plot/dist csv-parse/dist linkedom/worker.js linkedom/cjs @bufbuild/protobuf/dist/cjs sharp/src \
 && find d3*/dist \( -name "*.js" -o -name "*.min.mjs" \) -delete \
 && rm swagger-ui-dist/swagger-ui.js swagger-ui-dist/swagger-ui-es-bundle* \
 && find . -type f ! -iname '*licen[cs]e*' \
    \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# The reviewers' page. Building it needs no install script, and nothing of this stage but its files is kept.
FROM ${NODE_IMAGE} AS page
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json vite.config.ts ./
COPY src/web src/web
RUN node node_modules/vite/bin/vite.js build

# Debian and the node binary; without npm, yarn and the headers, which the service has no use for.
FROM ${NODE_IMAGE} AS root
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share /opt/yarn-* /root/.npm /tmp/* \
    /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
 && ln -s /app/sensigate /usr/local/bin/sensigate \
 && install -d -o node -g node /data

# From scratch, because a layer over Node's image would still hold what was deleted from it.
FROM scratch
COPY --from=root / /
# ONNX Runtime would otherwise report its use to its makers.
ENV ORT_DISABLE_TELEMETRY=1
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data MODEL_DIR=/app/models/fashion-mnist
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies /app/sbom.json ./
COPY package.json LICENSE sensigate ./
COPY toolchain toolchain
COPY src src
COPY --from=page /app/build/web build/web
COPY models/fashion-mnist/model.onnx models/fashion-mnist/model.json models/fashion-mnist/gate.json models/fashion-mnist/
COPY models/mnist/model.onnx models/mnist/model.json models/mnist/gate.json models/mnist/
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1 and receives the signals. Beside it `sensigate` runs the other commands: docker exec … sensigate backup.
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
