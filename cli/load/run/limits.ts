import type { ServerLimits } from '../../connection/index.ts';
import type { Scenario } from '../scenario.ts';
import { ENVELOPE_OVERHEAD_BYTES } from '../wire/envelope.ts';

/** What the scenario asks of the server beyond what it allows: a line each, with the setting to change. */
export function beyondLimits(scenario: Scenario, limits: ServerLimits): string[] {
  const { load, payload, cutsPerSecond, clientKind } = scenario;
  const { maxContentBytes, maxEnvelopeBytes, envelopesPerSecond, maxUnacked, resumeGraceMs } = limits;
  const { maxBytes } = payload;
  const lines: (string | false)[] = [
    load.kind === 'rate' &&
      envelopesPerSecond > 0 &&
      load.messagesPerSecond > envelopesPerSecond &&
      `${load.messagesPerSecond} messages a second from each sender; the server takes ${envelopesPerSecond}: ` +
        `raise its CHAT_GRPC_RATE_LIMIT (0 is off), or lower --rate`,
    load.kind === 'window' &&
      envelopesPerSecond > 0 &&
      `--window sends as fast as the server answers; it takes ${envelopesPerSecond} messages a second from each sender: ` +
        `start it with CHAT_GRPC_RATE_LIMIT=0, or use --rate`,
    load.kind === 'window' &&
      maxUnacked > 0 &&
      load.messages > maxUnacked &&
      `--window ${load.messages}; the server wants at most ${maxUnacked} unacked: lower --window`,
    load.kind !== 'idle' &&
      maxContentBytes > 0 &&
      maxBytes > maxContentBytes &&
      `messages of up to ${maxBytes} bytes; the server takes ${maxContentBytes}: raise its CHAT_GRPC_MAX_CONTENT_BYTES, or lower --payload`,
    load.kind !== 'idle' &&
      maxEnvelopeBytes > 0 &&
      maxBytes + ENVELOPE_OVERHEAD_BYTES > maxEnvelopeBytes &&
      `messages of up to ${maxBytes} bytes; the server takes envelopes of ${maxEnvelopeBytes}: raise its CHAT_GRPC_MAX_RECV_MSG_SIZE, or lower --payload`,
    cutsPerSecond > 0 &&
      resumeGraceMs === 0 &&
      clientKind === 'full' &&
      '--reconnect resumes sessions; the server keeps none: raise its CHAT_GRPC_RESUME_GRACE',
  ];
  return lines.filter((line) => line !== false);
}
