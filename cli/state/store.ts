import type { Action } from './action.ts';
import type { Effect } from './effect.ts';
import { reduced } from './reduce.ts';
import type { ChatState } from './state.ts';

/** Between what a network tells, the screen is not drawn more often. */
const FRAME_MS = 125;

export interface StoreOptions {
  /** Since 1970. */
  readonly nowMs: () => number;
  /** Runs the task once, so many milliseconds from now. */
  readonly after: (ms: number, task: () => void) => void;
  readonly perform: (effect: Effect) => void;
}

/**
 * The only place that holds the state, and the only bridge between what happens
 * and what is drawn. What a person does is shown at once; what the network tells,
 * as often as is good to look at.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #listeners = new Set<() => void>();
  #state: ChatState;
  /** What was last drawn. */
  #drawn: ChatState;
  #isFrameDue = false;

  constructor(state: ChatState, options: StoreOptions) {
    this.#state = state;
    this.#drawn = state;
    this.#options = options;
  }

  /** For React: the same object until something has changed. */
  readonly state = (): ChatState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly dispatch = (action: Action): void => {
    const before = this.#state;
    const { state, effects } = reduced({ ...before, nowMs: this.#options.nowMs() }, action);
    this.#state = state;
    if (isOfAPerson(action)) this.#tell();
    else this.#tellSoon();
    for (const effect of effects) this.#options.perform(effect);
  };

  /** A frame after the last one at the earliest, also when that was drawn for a person and showed all there was. */
  #tellSoon(): void {
    if (this.#isFrameDue) return;
    this.#isFrameDue = true;
    const drawn = this.#drawn;
    this.#options.after(FRAME_MS, () => {
      this.#isFrameDue = false;
      if (this.#drawn === drawn) this.#tell();
      else if (this.#drawn !== this.#state) this.#tellSoon();
    });
  }

  #tell(): void {
    this.#drawn = this.#state;
    for (const listener of this.#listeners) listener();
  }
}

function isOfAPerson({ kind }: Action): boolean {
  return kind === 'pressed' || kind === 'pasted' || kind === 'resized' || kind === 'focused';
}
