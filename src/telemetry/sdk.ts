import { DiagLogLevel, diag, type TextMapPropagator } from '@opentelemetry/api';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { register } from 'import-in-the-middle/register-hooks.mjs';
import { contextOf } from './trace-context.ts';
import { warningsAMinute } from './warnings.ts';

/** The names of methods, without their service. A span of `Channel` would never end; see streams.ts. The others are asked by machines. */
const NOT_INSTRUMENTED = ['Channel', 'Check', 'Watch', 'ServerReflectionInfo'];

/** What a caller's trace context is taken from; tracestate and baggage are a stranger's, and dropped. */
const TRACEPARENT_ALONE: TextMapPropagator = {
  inject: () => {},
  extract: (_, carrier, getter) => contextOf(String([getter.get(carrier, 'traceparent')].flat()[0] ?? '')),
  fields: () => ['traceparent'],
};

export interface SdkOptions {
  /** Of traces, from 0 to 1; undefined leaves it to OTEL_TRACES_SAMPLER. */
  readonly sampleRatio: number | undefined;
  /** Takes what the SDK complains of, at most once a minute. */
  readonly warn: (message: string) => void;
}

/**
 * Starts the SDK by the OTEL_* variables of the environment. To be called before
 * anything imports grpc-js, or that is not instrumented. Waits for no collector.
 * Returns what flushes and ends it, which never rejects.
 */
export function startSdk({ sampleRatio, warn }: SdkOptions): () => Promise<void> {
  const warnings = warningsAMinute(warn);
  const log = { error: warnings, warn: warnings, info: () => {}, debug: () => {}, verbose: () => {} };
  diag.setLogger(log, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  register({ include: ['@grpc/grpc-js'] });
  const sdk = new NodeSDK({
    textMapPropagator: TRACEPARENT_ALONE,
    ...(sampleRatio !== undefined && { sampler: samplerBy(sampleRatio) }),
    instrumentations: [
      new GrpcInstrumentation({ ignoreGrpcMethods: NOT_INSTRUMENTED }),
      new RuntimeNodeInstrumentation(),
    ],
  });
  sdk.start();
  return () => sdk.shutdown().catch((error: unknown) => warnings(`not everything was exported: ${error}`));
}

/** By the trace id alone: the flag that a stranger sent is not obeyed, and both ends of a message decide alike. */
function samplerBy(ratio: number): ParentBasedSampler {
  const byRatio = new TraceIdRatioBasedSampler(ratio);
  return new ParentBasedSampler({ root: byRatio, remoteParentSampled: byRatio, remoteParentNotSampled: byRatio });
}
