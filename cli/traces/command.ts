import type { WriteStream } from 'node:tty';
import { written } from '../terminal/line.ts';
import type { Sink } from './received.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { RecordFile } from './record-file.ts';
import { Screen } from './screen.ts';
import { type Display, Show } from './show.ts';

const EXIT_NO_PORT = 69;
const EXIT_NO_FILE = 73;

const FRAME_MS = 250;
/** Where OTLP over gRPC is expected, by our programs too. */
const OTLP_PORT = 4317;

export interface TracesOptions {
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** A file for all that arrives. */
  readonly out: string | undefined;
}

interface Surroundings {
  readonly output: WriteStream;
  /** Whether the cursor may be moved. */
  readonly isTerminal: boolean;
  readonly colours: boolean;
  /** For what went wrong. */
  readonly complain: (line: string) => void;
  /** Aborted when the program is told to stop. */
  readonly stop: AbortSignal;
}

/** Receives OTLP and shows it until it is told to stop. Returns the exit code. */
export async function showTraces(options: TracesOptions, surroundings: Surroundings): Promise<number> {
  const { output, complain, stop } = surroundings;
  const over = new AbortController();
  const ended = new Promise<void>((resolve) => {
    for (const signal of [stop, over.signal]) signal.addEventListener('abort', () => resolve(), { once: true });
    if (stop.aborted) resolve();
  });
  let exitCode = 0;
  const fileFailed = (error: unknown) => {
    if (exitCode === 0) complain(`cannot write ${options.out}: ${messageOf(error)}`);
    exitCode = EXIT_NO_FILE;
    over.abort();
  };

  let file: RecordFile | undefined;
  try {
    file = options.out === undefined ? undefined : new RecordFile(options.out);
  } catch (error) {
    fileFailed(error);
    return exitCode;
  }
  const show = new Show(displayOn(surroundings), () => performance.now());
  const sink = file === undefined ? show : recording(file, show, fileFailed);
  let receiver: Receiver;
  try {
    receiver = await startReceiver(options, sink);
  } catch (error) {
    complain(listenFailure(error, options));
    return EXIT_NO_PORT;
  }
  output.write(howToBeTraced(options.host, receiver.port));
  const frames = setInterval(() => show.draw(), FRAME_MS);
  const resized = () => show.resized();
  output.on('resize', resized);
  await ended;
  clearInterval(frames);
  output.off('resize', resized);
  await receiver.close();
  show.end();
  file?.close();
  return exitCode;
}

function displayOn({ output, isTerminal, colours }: Surroundings): Display {
  if (isTerminal) {
    const screen = new Screen(output, { colours });
    return {
      hasTable: true,
      get mostTableLines() {
        return screen.mostFootLines;
      },
      draw: (lines, table) => screen.draw(lines, table),
    };
  }
  return {
    hasTable: false,
    mostTableLines: 0,
    draw: (lines) => {
      if (lines.length > 0) output.write(lines.map((line) => `${written(line, { colours })}\n`).join(''));
    },
  };
}

/** Both get all; a file that fails says so and takes nothing away from the show. */
function recording(file: RecordFile, show: Sink, failed: (error: unknown) => void): Sink {
  const record = (...[signal, records]: Parameters<RecordFile['add']>) => {
    try {
      file.add(signal, records);
    } catch (error) {
      failed(error);
    }
  };
  return {
    spans: (spans) => {
      record('span', spans);
      show.spans(spans);
    },
    points: (points) => {
      record('metric', points);
      show.points(points);
    },
    logs: (logs) => {
      record('log', logs);
      show.logs(logs);
    },
  };
}

function howToBeTraced(host: string, port: number): string {
  const isAnyAddress = ['0.0.0.0', '::'].includes(host);
  const isHere = isAnyAddress || /^(localhost|127\.[\d.]+|::1)$/.test(host);
  const address = addressOf(isAnyAddress ? '127.0.0.1' : host, port);
  // Without a scheme our programs take TLS for granted, unless it is this machine.
  const endpoint = isHere ? address : `http://${address}`;
  const settings =
    isHere && port === OTLP_PORT
      ? 'CHAT_GRPC_OTEL_ENABLED=true'
      : `CHAT_GRPC_OTEL_ENABLED=true CHAT_GRPC_OTEL_EXPORTER_ENDPOINT=${endpoint}`;
  return [
    `Receiving OTLP on ${addressOf(host, port)}. In other terminals, a server and clients that export to it:`,
    '',
    `  ${settings} make run`,
    `  ${settings} make client NAME=ana ROOM=general`,
    '',
    'Ctrl+C ends.',
    '',
    '',
  ].join('\n');
}

function listenFailure(error: unknown, { host, port }: TracesOptions): string {
  const where = addressOf(host, port);
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const other = port === 65_535 ? OTLP_PORT : port + 1;
    return `${where} is taken; stop what listens there, or take another port: chat-client traces --port ${other}`;
  }
  return `cannot listen on ${where}: ${messageOf(error)}`;
}

function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
