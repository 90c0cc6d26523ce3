import type { ClientState, LatencyName } from '../report/report.ts';
import type { ChatStream, Transport } from '../wire/chat-stream.ts';

export interface OnStream {
  readonly stream: ChatStream;
  readonly transport: Transport;
}

export type ClientPhase =
  | { readonly kind: 'waiting' }
  | ({ readonly kind: 'joining'; readonly sinceMicros: number; readonly latency: LatencyName } & OnStream)
  | ({ readonly kind: 'seated' } & OnStream)
  | ({ readonly kind: 'leaving'; readonly comesBack: boolean } & OnStream)
  /** Has left; the stream is not over. */
  | ({ readonly kind: 'ending'; readonly comesBack: boolean } & OnStream)
  /** `holdsPosts`: what is due meanwhile is sent afterwards. Whoever has left has nothing due. */
  | { readonly kind: 'away'; readonly holdsPosts: boolean }
  | { readonly kind: 'given up' }
  | { readonly kind: 'over' };

/** What the phases are to those who look from outside. */
export const STATE_OF: Readonly<Record<ClientPhase['kind'], ClientState>> = {
  waiting: 'waiting',
  joining: 'joining',
  seated: 'seated',
  leaving: 'away',
  ending: 'away',
  away: 'away',
  'given up': 'given up',
  over: 'away',
};
