import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attributes,
  defaultTextMapGetter,
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { methodLabel } from './bounded-label.ts';

/** A collector that does not answer may not keep the service from ending. */
const PATIENCE_MS = 2000;

export interface TracesOptions {
  readonly version: string;
  /** Share of the requests that are traced where the caller has not decided it. */
  readonly share: number;
  /** The collector cannot be reached, or does not take what it is sent. */
  readonly onProblem: (message: string) => void;
}

/** One step of an answer. */
export interface Step {
  readonly name: string;
  readonly ms: number;
}

/**
 * Opens traces by OTLP over HTTP. Where to, with which headers and under which name is read by OpenTelemetry
 * itself from OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME and
 * OTEL_RESOURCE_ATTRIBUTES.
 */
export function openTraces({ version, share, onProblem }: TracesOptions): Traces {
  const problem = (message: string) => {
    onProblem(message);
  };
  const ignore = () => undefined;
  diag.setLogger(
    { error: problem, warn: problem, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'sensigate', 'service.version': version }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ timeoutMillis: PATIENCE_MS }),
        exportTimeoutMillis: PATIENCE_MS,
      }),
    ],
  });
  return new Traces(provider.getTracer('sensigate', version), async () => {
    // Spans that no collector takes are no reason for the service to end in failure.
    await provider.shutdown().catch((error: unknown) => {
      onProblem(String(error));
    });
  });
}

/**
 * A span per request to the API, under the caller's own where it sent `traceparent`, and one per step of each
 * answer.
 */
export class Traces {
  readonly #tracer: Tracer;
  readonly #shutdown: () => Promise<void>;
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #current = new AsyncLocalStorage<Span>();

  constructor(tracer: Tracer, shutdown: () => Promise<void>) {
    this.#tracer = tracer;
    this.#shutdown = shutdown;
  }

  /**
   * Runs `handle` in the request's span, which ends with the response. `route` is asked for then: paths hold
   * ids.
   */
  request(request: IncomingMessage, response: ServerResponse, route: () => string, handle: () => void): void {
    const { headers, url = '' } = request;
    const method = methodLabel(request.method ?? '');
    // Probes and scrapes come every few seconds and tell nothing.
    if (!/^\/v\d+\//.test(url)) {
      handle();
      return;
    }
    const caller = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER }, caller);
    response.once('close', () => {
      const pattern = route();
      span.updateName(`${method} ${pattern}`);
      span.setAttributes({ 'http.request.method': method, 'http.route': pattern });
      if (response.writableFinished) span.setAttribute('http.response.status_code', response.statusCode);
      if (!response.writableFinished || response.statusCode >= 500)
        span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    this.#current.run(span, handle);
  }

  /** What the request's answer was and the steps that led to it, of which the last one ends now. */
  prediction(attributes: Attributes, steps: readonly Step[]): void {
    const span = this.#current.getStore();
    if (span === undefined) return;
    const answered = this.#tracer.startSpan(
      'prediction',
      { attributes, startTime: Date.now() - steps.reduce((sum, { ms }) => sum + ms, 0) },
      trace.setSpan(ROOT_CONTEXT, span),
    );
    const parent = trace.setSpan(ROOT_CONTEXT, answered);
    let end = Date.now();
    for (const { name, ms } of steps.toReversed()) {
      this.#tracer.startSpan(name, { startTime: end - ms }, parent).end(end);
      end -= ms;
    }
    answered.end();
  }

  /** Sends what was not sent yet. */
  async close(): Promise<void> {
    await this.#shutdown();
  }
}
