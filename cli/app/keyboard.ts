import { emitKeypressEvents } from 'node:readline';
import type { Key } from '../input/key.ts';

/** Of a paste; what is beyond is counted and not kept. */
const MOST_PASTED_BYTES = 64 * 1024;

const FOCUS_CAME = '\u001b[I';
const FOCUS_WENT = '\u001b[O';

export interface KeyboardEvents {
  readonly pressed: (key: Key) => void;
  /** `text` is undefined when it was too much to be kept; `bytes` of UTF-8 is all of it. */
  readonly pasted: (text: string | undefined, bytes: number) => void;
  /** The terminal's window. */
  readonly focused: (hasFocus: boolean) => void;
}

/** Reads a terminal in raw mode, which brackets what is pasted and tells its focus. Returns what ends that. */
export function readKeyboard(input: NodeJS.ReadStream, events: KeyboardEvents): () => void {
  let paste: { text: string; bytes: number } | undefined;
  const took = (_: string | undefined, raw: Partial<Key> & { sequence?: string }) => {
    const { name = '', sequence = '', ctrl = false, meta = false, shift = false } = raw;
    if (name === 'paste-start') paste = { text: '', bytes: 0 };
    else if (name === 'paste-end') {
      const { text, bytes } = paste ?? { text: '', bytes: 0 };
      paste = undefined;
      events.pasted(bytes > MOST_PASTED_BYTES ? undefined : text, bytes);
    } else if (paste !== undefined) {
      paste.bytes += Buffer.byteLength(sequence);
      if (paste.bytes <= MOST_PASTED_BYTES) paste.text += sequence;
    } else if (sequence === FOCUS_CAME || sequence === FOCUS_WENT) events.focused(sequence === FOCUS_CAME);
    else events.pressed({ name: name === 'undefined' ? '' : name, sequence, ctrl, meta, shift });
  };
  emitKeypressEvents(input);
  input.on('keypress', took);
  input.resume();
  return () => {
    input.off('keypress', took);
    input.pause();
  };
}
