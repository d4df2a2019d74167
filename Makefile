# run, test, test-browser, check, bench, models: the commands of this project. Only Node, npm and make are needed;
# where Node is older than 22.18 a private Node 24 is installed into .toolchain from npm.

MODEL_DATA ?= /usr/share/datasets/fashion-mnist
PYTHON     ?= /usr/bin/python3

# ONNX Runtime would otherwise report its use to its makers.
export ORT_DISABLE_TELEMETRY := 1

NODE_IS_NEW := $(shell node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>22||(a===22&&b>=18)?0:1)' >/dev/null 2>&1 && echo yes)
ifeq ($(NODE_IS_NEW),yes)
  TOOLCHAIN :=
else
  OS   := $(shell uname -s | sed -e 's/Darwin/darwin/' -e 's/Linux/linux/')
  ARCH := $(shell uname -m | sed -e 's/x86_64/x64/' -e 's/aarch64/arm64/')
  TOOLCHAIN := .toolchain/node_modules/node-$(OS)-$(ARCH)/bin/node
  export PATH := $(CURDIR)/$(dir $(TOOLCHAIN)):$(PATH)
endif

INSTALLED := node_modules/.package-lock.json
# The reviewers' page; it is built again when its sources are newer.
PAGE := build/web/index.html

.PHONY: build/web run test test-browser check bench models install format

run: $(INSTALLED) $(PAGE)
	@exec node src/main.ts serve

test: $(INSTALLED) $(PAGE)
	@echo "Left out: test/browser, which needs Chromium. make test-browser runs it."
	@node --test --test-concurrency=2 'test/**/*.test.ts'

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

bench: $(INSTALLED)
	@node bench/run.ts $(BENCH)

install: $(INSTALLED)

build/web: $(PAGE)

$(PAGE): package-lock.json vite.config.ts $(shell find src/web -type f) | $(INSTALLED)
	@node node_modules/vite/bin/vite.js build --logLevel warn

$(INSTALLED): package-lock.json .npmrc $(TOOLCHAIN)
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.toolchain/node_modules/node-$(OS)-$(ARCH)/bin/node:
	@echo "Node 22.18 or newer is needed; installing a private Node 24 into .toolchain"
	@npm install --prefix .toolchain --no-save --no-package-lock --no-audit --no-fund --loglevel=error node-$(OS)-$(ARCH)@24

models: $(INSTALLED)
	@PYTHON=$(PYTHON) FASHION_MNIST=$(MODEL_DATA) models/training/train-all
