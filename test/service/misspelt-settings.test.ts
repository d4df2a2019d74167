import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { misspeltSettings } from '../../src/service/misspelt-settings.ts';
import { SETTINGS } from '../../src/service/settings.ts';

const meantBy = (variable: string): string | undefined => misspeltSettings({ [variable]: 'x' })[0]?.setting;

/** What other programs set: shells, systemd, npm, CI runners, Kubernetes and what is linked to a pod. */
const OTHERS: Readonly<Record<string, string>> = {
  ...{
    PATH: '/bin',
    HOME: '/root',
    HOSTNAME: 'pod-1',
    HOSTTYPE: 'x86_64',
    LANG: 'C.UTF-8',
    LC_ALL: 'C',
    TERM: 'xterm',
  },
  ...{
    SHELL: '/bin/sh',
    SHLVL: '1',
    USER: 'node',
    LOGNAME: 'node',
    PWD: '/app',
    OLDPWD: '/',
    TMPDIR: '/tmp',
    EDITOR: 'vi',
  },
  ...{
    PORTAL: 'x',
    POST: 'x',
    PORTS: 'x',
    HOSTS: 'x',
    DISPLAY: ':0',
    MAIL: 'x',
    TZ: 'UTC',
    DEBUG: '1',
    PAGER: 'less',
  },
  ...{
    XDG_DATA_DIRS: '/usr/share',
    XDG_DATA_HOME: '/x',
    XDG_RUNTIME_DIR: '/run/user/0',
    XDG_SESSION_ID: '3',
  },
  ...{
    http_proxy: 'x',
    https_proxy: 'x',
    no_proxy: 'x',
    ALL_PROXY: 'x',
    SSL_CERT_FILE: 'x',
    SSL_CERT_DIR: 'x',
  },
  ...{ INVOCATION_ID: 'x', JOURNAL_STREAM: '8:1', NOTIFY_SOCKET: '/run/x', LISTEN_FDS: '1', LISTEN_PID: '1' },
  ...{
    STATE_DIRECTORY: 'x',
    RUNTIME_DIRECTORY: 'x',
    CACHE_DIRECTORY: 'x',
    LOGS_DIRECTORY: 'x',
    SYSTEMD_EXEC_PID: '1',
  },
  ...{
    CONFIGURATION_DIRECTORY: 'x',
    CREDENTIALS_DIRECTORY: 'x',
    MANAGERPID: '1',
    MEMORY_PRESSURE_WATCH: 'x',
  },
  ...{
    npm_config_loglevel: 'error',
    npm_config_cache: 'x',
    npm_package_name: 'x',
    npm_lifecycle_event: 'start',
  },
  ...{
    npm_execpath: 'x',
    npm_node_execpath: 'x',
    npm_config_user_agent: 'x',
    npm_config_prefix: 'x',
    INIT_CWD: '/app',
  },
  ...{
    NODE_ENV: 'production',
    NODE_OPTIONS: 'x',
    NODE_PATH: 'x',
    NODE_VERSION: '24',
    YARN_VERSION: '1',
    UV_THREADPOOL_SIZE: '4',
  },
  ...{
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_REF: 'x',
    GITHUB_RUN_ID: '1',
    GITHUB_OUTPUT: 'x',
    GITHUB_API_URL: 'x',
  },
  ...{
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: 'x',
    RUNNER_TOOL_CACHE: 'x',
    AGENT_TOOLSDIRECTORY: 'x',
    ImageOS: 'ubuntu24',
  },
  ...{
    KUBERNETES_SERVICE_HOST: '10.0.0.1',
    KUBERNETES_SERVICE_PORT: '443',
    KUBERNETES_PORT: 'tcp://10.0.0.1:443',
  },
  ...{ SENSIGATE_SERVICE_HOST: '10.0.0.2', SENSIGATE_SERVICE_PORT: '80', SENSIGATE_SERVICE_PORT_HTTP: '80' },
  ...{
    SENSIGATE_PORT: 'tcp://10.0.0.2:80',
    SENSIGATE_PORT_80_TCP: 'tcp://10.0.0.2:80',
    SENSIGATE_PORT_80_TCP_PORT: '80',
  },
  ...{
    DATABASE_PORT: 'tcp://10.0.0.3:5432',
    DATABASE_SERVICE_HOST: '10.0.0.3',
    DATABASE_SERVICE_PORT: '5432',
  },
  ...{
    MODEL_PORT: 'tcp://10.0.0.4:80',
    GATE_PORT_80_TCP: 'tcp://10.0.0.4:80',
    DATA_SERVICE_HOST: '10.0.0.5',
  },
  ...{
    PGHOST: 'db',
    PGPORT: '5432',
    PGDATA: '/x',
    PGPASSWORD: 'x',
    PGUSER: 'x',
    POSTGRES_HOST: 'x',
    POSTGRES_PORT: '5432',
  },
  ...{
    DATABASE_HOST: 'x',
    DATABASE_NAME: 'x',
    DATABASE_PASSWORD: 'x',
    REDIS_URL: 'x',
    AMQP_URL: 'x',
    REDIS_PORT: '6379',
  },
  ...{ OTEL_SERVICE_NAME: 'x', OTEL_EXPORTER_OTLP_HEADERS: 'x', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'x' },
  ...{
    OTEL_TRACES_SAMPLER: 'x',
    OTEL_RESOURCE_ATTRIBUTES: 'x',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'x',
    OTEL_LOG_LEVEL: 'x',
  },
  ...{
    AWS_REGION: 'x',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_PROFILE: 'x',
    GOOGLE_APPLICATION_CREDENTIALS: 'x',
    JAVA_HOME: 'x',
  },
  ...{
    ORT_DISABLE_TELEMETRY: '1',
    LD_LIBRARY_PATH: 'x',
    MALLOC_ARENA_MAX: '2',
    OMP_NUM_THREADS: '2',
    SSH_AUTH_SOCK: 'x',
  },
  ...{
    MAKEFLAGS: '',
    MFLAGS: '',
    MAKELEVEL: '1',
    MAKE_TERMOUT: 'x',
    TEST_DATABASE_URL: 'x',
    WATCHTOWER_LABEL: 'x',
  },
};

describe('a variable that is no setting', () => {
  it('is named with the setting that it resembles', () => {
    for (const [variable, setting] of [
      ['API_KEY_FILE', 'API_KEYS_FILE'],
      ['APIKEYS_FILE', 'API_KEYS_FILE'],
      ['AUDITRATE', 'AUDIT_RATE'],
      ['AUDIT_RTAE', 'AUDIT_RATE'],
      ['MODEL_DIRECTORY', 'MODEL_DIR'],
      ['DATA_DIRECTORY', 'DATA_DIR'],
      ['DATADIR', 'DATA_DIR'],
      ['DATABASE_URI', 'DATABASE_URL'],
      ['DB_URL', 'DATABASE_URL'],
      ['JWKS_URI', 'JWKS_URL'],
      ['LOGLEVEL', 'LOG_LEVEL'],
      ['log_level', 'LOG_LEVEL'],
      ['MAX_IMG_PIXELS', 'MAX_IMAGE_PIXELS'],
      ['SENSIGATE_DATA_DIR', 'DATA_DIR'],
      ['SENSIGATE_API_KEY_FILE', 'API_KEYS_FILE'],
      ['Port', 'PORT'],
    ] as const)
      assert.equal(meantBy(variable), setting, variable);
  });

  it('raises no alarm where it is of another program', () => {
    assert.deepEqual(misspeltSettings(OTHERS), []);
    for (const [variable, value] of Object.entries(OTHERS))
      assert.deepEqual(misspeltSettings({ [variable]: value }), [], variable);
  });

  it('raises none where the setting itself is set, or where it is empty', () => {
    assert.deepEqual(misspeltSettings({ LOGLEVEL: 'x', LOG_LEVEL: 'info' }), []);
    assert.deepEqual(misspeltSettings({ LOGLEVEL: '' }), []);
  });
});

it('no setting resembles another', () => {
  for (const name of SETTINGS) assert.deepEqual(misspeltSettings({ [name]: 'x' }), [], name);
});
