/** The contract's window of message ids, of one user in one room. */
const MESSAGE_IDS_KEPT = 256;
/**
 * Who sends again to a restarted server had no ack when the one before ended, so its last word came within about a round
 * trip of that end: more authors than this do not speak in one room within it.
 */
const AUTHORS_KEPT = 256;

/** The messages of one room that were told last, to know those that are sent again after the room began anew. */
export class ToldMessages {
  /** Of each author, by message id, the epoch that had it last; oldest first, both the ids and the authors. */
  readonly #epochs = new Map<string, Map<string, string>>();

  /**
   * Notes the message. True when an earlier epoch had it; in one epoch the server itself sees to it that nothing is said
   * twice, and what has an id once more there is something new.
   */
  isEcho({ userId, messageId }: { userId: string; messageId: string }, epoch: string): boolean {
    if (messageId === '') return false;
    const ofAuthor = this.#epochs.get(userId) ?? new Map<string, string>();
    const before = ofAuthor.get(messageId);
    putLast(ofAuthor, messageId, epoch, MESSAGE_IDS_KEPT);
    putLast(this.#epochs, userId, ofAuthor, AUTHORS_KEPT);
    return before !== undefined && before !== epoch;
  }
}

/** Beyond `most`, the oldest is forgotten. */
function putLast<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
