import { randomUUID } from 'node:crypto';
import type { ReadStream, WriteStream } from 'node:tty';
import { Courier, type CourierOptions } from '../chat/courier.ts';
import { intentOf } from '../input/keymap.ts';
import type { Effect, Failure } from '../state/effect.ts';
import { firstState, unsentIn } from '../state/state.ts';
import { Store } from '../state/store.ts';
import { Display } from './display.tsx';

const TICK_MS = 1_000;

export interface ScreenOptions extends CourierOptions {
  /** Asked for when empty; the name not where a token has it. */
  readonly name: string;
  readonly room: string;
}

export interface TerminalStreams {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly colours: boolean;
  /** Aborted when the program is told to stop, or its terminal is gone. */
  readonly stop: AbortSignal;
}

export interface ScreenEnd {
  /** Why it could not do what it was started for; undefined when it was left. */
  readonly failure: Failure | undefined;
  /** Messages that were typed and not taken. */
  readonly unsent: number;
}

/** The full-screen program, until it is left; the terminal is as it was then. */
export async function runScreen(options: ScreenOptions, terminal: TerminalStreams): Promise<ScreenEnd> {
  const { name, room } = options;
  const { stop } = terminal;
  const ended = Promise.withResolvers<Failure | undefined>();
  let isLeaving = false;
  const quit = (failure: Failure | undefined) => {
    // Whoever presses it twice does not want to wait.
    if (isLeaving) return ended.resolve(failure);
    isLeaving = true;
    void courier.close().then(() => ended.resolve(failure));
  };
  const perform = (effect: Effect) => {
    switch (effect.kind) {
      case 'quit':
        return quit(effect.failure);
      case 'redraw':
        return display.redraw();
      case 'suspend':
        return display.suspend();
      default:
        return courier.carry(effect);
    }
  };
  const isKnown = options.server.token !== undefined;
  const beginning = { name, room, isKnown, idPrefix: randomUUID(), nowMs: Date.now(), columns: 80, rows: 24 };
  const store = new Store(firstState(beginning), {
    nowMs: () => Date.now(),
    after: (ms, task) => void setTimeout(task, ms),
    perform,
  });
  const { dispatch } = store;
  const courier = new Courier(options, dispatch);
  const display = new Display(terminal, store, {
    pressed: (key) => {
      const intent = intentOf(key);
      if (intent !== undefined) dispatch({ kind: 'pressed', intent });
    },
    pasted: (text, bytes) => dispatch({ kind: 'pasted', text, bytes }),
    focused: (hasFocus) => dispatch({ kind: 'focused', hasFocus }),
    resized: (size) => dispatch({ kind: 'resized', ...size }),
  });
  const stopped = () => quit(undefined);
  stop.addEventListener('abort', stopped, { once: true });
  display.show();
  const ticks = setInterval(() => dispatch({ kind: 'ticked' }), TICK_MS);
  if (stop.aborted) stopped();
  else dispatch({ kind: 'started' });
  try {
    const failure = await ended.promise;
    return { failure, unsent: unsentIn(store.state()) };
  } finally {
    stop.removeEventListener('abort', stopped);
    clearInterval(ticks);
    display.hide();
  }
}
