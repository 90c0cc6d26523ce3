import { NodeSDK } from '@opentelemetry/sdk-node';
import { ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';

/** How long the end of the program may wait for a collector. */
const MOST_FLUSH_MS = 2000;

/**
 * Starts the SDK by the OTEL_* variables of the environment. Returns what exports
 * the rest and ends it; it never rejects, and takes two seconds at most.
 * @param sampleRatio undefined leaves it to OTEL_TRACES_SAMPLER.
 */
export function startSdk(sampleRatio: number | undefined): () => Promise<void> {
  const sdk = new NodeSDK({ ...(sampleRatio !== undefined && { sampler: samplerBy(sampleRatio) }) });
  sdk.start();
  return async () => {
    const waited = new Promise<void>((resolve) => setTimeout(resolve, MOST_FLUSH_MS).unref());
    await Promise.race([sdk.shutdown().catch(() => {}), waited]);
  };
}

/** By the trace id alone, as the server decides: so a message is traced from end to end or not at all. */
function samplerBy(ratio: number): ParentBasedSampler {
  const byRatio = new TraceIdRatioBasedSampler(ratio);
  return new ParentBasedSampler({ root: byRatio, remoteParentSampled: byRatio, remoteParentNotSampled: byRatio });
}
