import type { Reason } from './errors.ts';

/** What clients did, in plain integers since the start. */
export class Traffic {
  /** Posts that arrived, those that were rejected and those that were said again too. */
  received = 0;
  readonly rejected = new Map<Reason, number>();
  /** Joins with a position, by whether everything since it could be delivered. */
  readonly resumed = { recovered: 0, unrecovered: 0 };

  reject(reason: Reason): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
  }
}
