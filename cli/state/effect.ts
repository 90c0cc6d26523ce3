/** What is to be done outside, in the order given. What comes of it comes back as an action. */
export type Effect =
  /** Opens a connection under this name; an earlier one is closed. */
  | { readonly kind: 'connect'; readonly name: string }
  | { readonly kind: 'join'; readonly room: string }
  | { readonly kind: 'leave'; readonly room: string }
  | { readonly kind: 'post'; readonly room: string; readonly messageId: string; readonly content: string }
  /** Events older than `before`; 0 is from the head. */
  | {
      readonly kind: 'ask_history';
      readonly room: string;
      readonly epoch: string;
      readonly before: bigint;
      readonly limit: number;
    }
  | { readonly kind: 'ask_members'; readonly room: string; readonly page: string; readonly purpose: MembersPurpose }
  | { readonly kind: 'ask_rooms' }
  | { readonly kind: 'ask_round_trip' }
  /** Leaves all rooms and ends the program. */
  | { readonly kind: 'quit'; readonly failure: Failure | undefined }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' };

/** For the members pane, or for the eyes of who typed /who. */
export type MembersPurpose = 'pane' | 'who';

/** What a program ends with that could not do what it was started for. */
export interface Failure {
  readonly reason: string;
  readonly message: string;
}
