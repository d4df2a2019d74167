# syntax=docker/dockerfile:1

# Production dependencies only, and of what is native only this platform's: ONNX Runtime brings five, SQLite eight and its source.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund \
 && arch=$(node -p process.arch) \
 && cd node_modules \
 && find onnxruntime-node/bin/napi-v* -mindepth 2 -maxdepth 2 -type d ! -path "*/linux/$arch" -exec rm -r {} + \
 && find onnxruntime-node/bin/napi-v* -mindepth 1 -maxdepth 1 -type d ! -name linux -exec rm -r {} + \
 && find better-sqlite3/prebuilds -type f ! -name "linux-$arch.node" -delete \
 && rm -r better-sqlite3/deps better-sqlite3/src \
 && find . -name '*.map' -delete

# The reviewers' page. Building it needs no install script, and nothing of this stage but its files is kept.
FROM node:24-bookworm-slim AS page
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json vite.config.ts ./
COPY src/web src/web
RUN node node_modules/vite/bin/vite.js build

FROM node:24-bookworm-slim
# ONNX Runtime would otherwise report its use to its makers.
ENV ORT_DISABLE_TELEMETRY=1
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data MODEL_DIR=/app/models/fashion-mnist
WORKDIR /app
RUN install -d -o node -g node /data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY src src
COPY --from=page /app/build/web build/web
COPY models/fashion-mnist/model.onnx models/fashion-mnist/model.json models/fashion-mnist/gate.json models/fashion-mnist/
COPY models/mnist/model.onnx models/mnist/model.json models/mnist/gate.json models/mnist/
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1 and receives the signals.
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
