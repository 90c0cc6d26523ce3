/** Writes that passes may begin in one turn of the event loop, and in one in which somebody came; the last room's step may go beyond. */
const WRITES_A_TURN = 64;
const WRITES_A_CROWDED_TURN = 16;

/**
 * How much the fan-out does in a turn.
 *
 * The event loop accepts one socket a turn (libuv 1.52). Where thousands come at
 * once and the rooms that they come into are told of each, turns that are long let
 * them in so slowly that they give up and come again; short ones let them in, and
 * more is told by each write. It bounds passes alone: when a write has ended, what is
 * owed by then is written at once, so that a turn in which many end begins as many.
 */
export class TurnBudget {
  #isCrowded = false;

  /** Somebody comes in. */
  cameIn(): void {
    this.#isCrowded = true;
  }

  /** How many writes this turn may begin. */
  take(): number {
    const writes = this.#isCrowded ? WRITES_A_CROWDED_TURN : WRITES_A_TURN;
    this.#isCrowded = false;
    return writes;
  }
}
