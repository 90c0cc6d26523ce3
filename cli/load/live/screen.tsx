import type { ReadStream, WriteStream } from 'node:tty';
import { Box, type Instance, render, Text } from 'ink';
import { written } from '../../terminal/line.ts';
import type { Progress } from './progress.ts';
import { liveRows } from './rows.ts';

/** Whatever is typed is echoed at the right edge, and what a terminal draws wider than measured ends there. */
const NO_WRAPPING = '\u001b[?7l';
const WRAPPING = '\u001b[?7h';

export interface LiveScreen {
  draw(progress: Progress): void;
  /** The terminal is as before. */
  close(): void;
}

/**
 * The terminal while a run lasts. It stays in its usual mode: Ctrl+C is a signal as ever, and what is typed ahead is
 * left for the shell. The price is that the terminal echoes it into the picture, and scrolls that on Enter, which
 * nobody is told of. Hence each picture is drawn whole: Ink's incremental rendering, which keeps the rows that it
 * believes to be there, left half a picture. No box hides what overflows: the rows fit, and cutting them cost a third
 * of the time that a picture takes.
 */
export function showLive(options: {
  readonly output: WriteStream;
  readonly input: ReadStream;
  readonly colours: boolean;
}): LiveScreen {
  const { output, input, colours } = options;
  let shown: { readonly progress: Progress; readonly screen: Instance } | undefined;

  const picture = (progress: Progress) => {
    const size = { columns: output.columns || 80, rows: output.rows || 24 };
    const rows = liveRows(progress, size).map((row) => written(row, { colours }) || ' ');
    return (
      <Box width={size.columns} height={size.rows}>
        <Text wrap="truncate">{rows.join('\n')}</Text>
      </Box>
    );
  };

  const resized = () => shown?.screen.rerender(picture(shown.progress));

  const wrapAgain = () => {
    try {
      output.write(WRAPPING);
    } catch {
      // A terminal that is gone is none to mend.
    }
  };

  const begin = (progress: Progress) => {
    process.once('exit', wrapAgain);
    // Before Ink hears of it, so that what it draws has the new size.
    output.on('resize', resized);
    output.write(NO_WRAPPING);
    return render(picture(progress), {
      stdin: input,
      stdout: output,
      alternateScreen: true,
      exitOnCtrlC: false,
      // By itself Ink draws nothing where CI is set.
      interactive: true,
      patchConsole: false,
    });
  };

  return {
    draw(progress) {
      if (shown === undefined) shown = { progress, screen: begin(progress) };
      else {
        shown = { ...shown, progress };
        shown.screen.rerender(picture(progress));
      }
    },
    close() {
      if (shown === undefined) return;
      const { screen } = shown;
      shown = undefined;
      output.off('resize', resized);
      screen.unmount();
      wrapAgain();
      process.off('exit', wrapAgain);
    },
  };
}
