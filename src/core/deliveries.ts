/**
 * What became of the events that members were owed, in events since the start.
 * At every moment owed = written + skipped + abandoned + what all outboxes are
 * still behind. Plain integers: this is counted on the path of every delivery.
 */
export class Deliveries {
  /** Appended, once a member. */
  owed = 0;
  /** Handed to the network. */
  written = 0;
  /** Told in a gap instead. */
  skipped = 0;
  /** The stream ended first. */
  abandoned = 0;
  /** Writes to streams that have left, and the bytes of all writes, answers included. */
  writes = 0;
  bytes = 0;
}
