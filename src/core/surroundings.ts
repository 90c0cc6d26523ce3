import type { Deliveries } from './deliveries.ts';
import type { Refusal } from './errors.ts';
import type { Fanout } from './fanout.ts';
import type { Limits } from './limits.ts';
import type { Clock, EncodeAnswer, Observer } from './ports.ts';
import type { RoomRegistry } from './room-registry.ts';
import type { Traffic } from './traffic.ts';
import type { TurnBudget } from './turn-budget.ts';

/** What all sessions share. */
export interface Surroundings {
  readonly rooms: RoomRegistry;
  readonly fanout: Fanout;
  readonly turn: TurnBudget;
  readonly deliveries: Deliveries;
  readonly traffic: Traffic;
  readonly observer: Observer;
  readonly encode: EncodeAnswer;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Set while the server goes away: nothing is appended any more. */
  readonly draining: () => Refusal | undefined;
  /** Takes a fault of ours that concerns a session without a stream. */
  readonly faulted: (fault: unknown) => void;
}
