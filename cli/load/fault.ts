/** What a client can find wrong with what came to it, or did not. In the order in which they are told. */
export const FAULT_KINDS = [
  'lost',
  'doubled',
  'disordered',
  'behind',
  'undelivered',
  'unacked',
  'overtaken',
  'misnumbered',
  'contradicted',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export const FAULT_WORDS: Readonly<Record<FaultKind, string>> = {
  lost: 'never came, though later ones did, and no gap told of it',
  doubled: 'came again, stands under two seqs, or was acked twice',
  disordered: 'came after a later one',
  behind: 'had not come at the end, though others had it',
  undelivered: 'acked, but its sender was never sent it',
  unacked: 'sent, and never acked or refused',
  overtaken: 'acked after a later one of its sender',
  misnumbered: 'acked with another seq than it was delivered with',
  contradicted: 'not what others were sent there, or not as it was said',
};

/** One of them, or a run of them with successive numbers. */
export interface Fault {
  readonly kind: FaultKind;
  readonly room: string;
  /** The user id of the client that found it. */
  readonly client: string;
  /** First and last, both included. Undefined where the server told no seq, as with basic clients. */
  readonly seqs: { readonly from: number; readonly to: number } | undefined;
  /** Of the sender's own numbering, where that is what tells: with basic clients, and a post that has no seq yet. */
  readonly numbers: { readonly sender: string; readonly from: number; readonly to: number } | undefined;
}

/** All of a kind: how many events, and the first few of them by name. */
export interface FaultTally {
  readonly kind: FaultKind;
  readonly count: number;
  readonly examples: readonly Fault[];
}

/** How many events it is. */
export function eventsOf({ seqs, numbers }: Fault): number {
  const run = seqs ?? numbers;
  return run === undefined ? 1 : run.to - run.from + 1;
}
